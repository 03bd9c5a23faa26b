"""An S3-compatible store with one bucket, `anchors`. It tells its port, and ends with the test that
started it."""

import json
import logging
import sys

import boto3
from moto.server import ThreadedMotoServer

logging.getLogger("werkzeug").setLevel(logging.ERROR)
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
_, port = server.get_host_and_port()
client = boto3.client(
    "s3",
    endpoint_url=f"http://127.0.0.1:{port}",
    region_name="us-east-1",
    aws_access_key_id="anchor",
    aws_secret_access_key="secret",
)
client.create_bucket(Bucket="anchors")
print(json.dumps({"port": port}), flush=True)
sys.stdin.read()
server.stop()

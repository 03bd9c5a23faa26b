"""A neighbour made of jwcrypto, which is not ours: checks our tokens, and makes some.

    neighbour.py check JWKS TOKEN...      verifies each by RS256, prints the claims, one a line
    neighbour.py keys FILE                makes keys, prints the public ones as a JWKS
    neighbour.py sign FILE KID CLAIMS     prints a token
"""

import json
import sys

from jwcrypto import jwk, jws


def check(keys, *tokens):
    keys = jwk.JWKSet.from_json(keys)
    for text in tokens:
        token = jws.JWS()
        token.allowed_algs = ["RS256"]
        token.deserialize(text)
        header = token.jose_header
        assert header["typ"] == "secevent+jwt" and header["alg"] == "RS256", header
        token.verify(keys.get_key(header["kid"]))
        print(json.dumps(json.loads(token.payload)))


def keys(file):
    made = jwk.JWKSet()
    made.add(jwk.JWK.generate(kty="RSA", size=2048, kid="rsa", use="sig", alg="RS256"))
    made.add(jwk.JWK.generate(kty="EC", crv="P-256", kid="ec", use="sig", alg="ES256"))
    made.add(jwk.JWK.generate(kty="OKP", crv="Ed25519", kid="ed", use="sig", alg="EdDSA"))
    with open(file, "w", encoding="ascii") as out:
        out.write(made.export(private_keys=True))
    print(made.export(private_keys=False))


def sign(file, kid, claims):
    with open(file, encoding="ascii") as made:
        key = jwk.JWKSet.from_json(made.read()).get_key(kid)
    token = jws.JWS(claims)
    header = {"typ": "secevent+jwt", "alg": key["alg"], "kid": kid}
    token.add_signature(key, None, json.dumps(header))
    print(token.serialize(compact=True))


{"check": check, "keys": keys, "sign": sign}[sys.argv[1]](*sys.argv[2:])

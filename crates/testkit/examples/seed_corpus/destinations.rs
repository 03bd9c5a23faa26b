//! Configurations of destinations, URLs and networks.

pub(crate) const CONFIGURATIONS: &[&str] = &[
    "[destinations.siem]\nkind = \"webhook\"\nurl = \"https://hooks.example/in?a=b\"\n\
     secret_variable = \"S\"\nevents = [\"code.*\", \"alert.raised\"]\nbegin = \"first\"\n",
    "[destinations.inside]\nkind = \"webhook\"\nurl = \"http://10.0.0.7:9000/\"\n\
     secret_variable = \"S\"\ninsecure = true\nnetworks = [\"10.0.0.0/8\"]\nports = [9000]\n\
     timeout = 300\nretry_max = 86400\n",
    "[destinations.collector]\nkind = \"syslog\"\nhost = \"logs.example\"\ntext = \"cef\"\n\
     facility = 13\nhostname = \"gb1\"\nenterprise = 1\nmessage_bytes_max = 2048\n",
    "[destinations.plain]\nkind = \"syslog\"\nhost = \"::1\"\nport = 601\ninsecure = true\n\
     confirms = false\nevents = [\"recovery.opened\"]\n",
    "[destinations.\"a b\"]\nkind = \"syslog\"\nhost = \"\"\n",
    "[destinations.x]\nkind = \"kafka\"\n",
    "https://[::ffff:169.254.169.254]/\nhttps://0x7f.1/\nhttps://2130706433/\n",
    "https://metadata.google.internal/computeMetadata/v1/\nhttps://a@b/\nhttps://[fd00::1]:8443\n",
    "https://1.1.1.1:8443/x?y#z\nhttps://example.com.:443/\nhttps://\u{ff41}.example/\n",
    "10.0.0.0/8\nfd00::/8\n0.0.0.0/0\n10.0.0.1/8\n::/129\n",
];

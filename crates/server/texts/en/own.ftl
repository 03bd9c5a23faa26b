## own

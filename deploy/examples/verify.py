# Python: what an app does with X-Auth-Assertion. pip install pyjwt[crypto] (Debian: python3-jwt python3-cryptography)
# python3 verify.py JWKS_URL ISSUER CLUSTER ROUTE METHOD ASSERTION prints the claims, or exits with 1.
import json
import sys

import jwt


def identity(keys, issuer, cluster, route, method, assertion):
    key = keys.get_signing_key_from_jwt(assertion).key
    claims = jwt.decode(assertion, key, algorithms=["ES256"], audience=cluster, issuer=issuer, options={"require": ["exp", "sub", "jti"]})
    if claims["route"] != route or claims["method"] != method:
        raise jwt.InvalidTokenError("made for another route or method")
    return claims


if __name__ == "__main__":
    keys = jwt.PyJWKClient(sys.argv[1])  # once a process: it caches, and fetches again for an unknown kid
    try:
        print(json.dumps(identity(keys, *sys.argv[2:])))
    except jwt.PyJWTError as error:
        sys.exit(str(error))

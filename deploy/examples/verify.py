# Python: what an app does with X-Auth-Assertion. pip install pyjwt[crypto]
import jwt

keys = jwt.PyJWKClient("https://app.example.com/auth/.well-known/jwks.json")  # once a process: it caches


def identity(request, cluster, route):
    assertion = request.headers["X-Auth-Assertion"]
    claims = jwt.decode(assertion, keys.get_signing_key_from_jwt(assertion).key, algorithms=["ES256"], audience=cluster,
                        issuer="https://app.example.com", options={"require": ["exp", "sub", "jti"]})
    if claims["route"] != route or claims["method"] != request.method:
        raise PermissionError("made for another route or method")
    return claims

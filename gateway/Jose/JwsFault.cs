namespace OrgGateway.Jose;

/// <summary>Why a token was refused. For logs and metrics; a caller's answer does not tell them apart.</summary>
public enum JwsFault
{
    /// <summary>Longer than <see cref="JwsPolicy.MaxLength"/>, or with a header of more than a quarter of it.</summary>
    TooLarge,

    /// <summary>Not three base64url parts around JSON objects (RFC 7515 §3.1, §7.1); a JWE is one of these.</summary>
    Malformed,

    /// <summary>The header carries a member that brings its own key or changes how the token is read.</summary>
    ForbiddenHeader,

    /// <summary>The algorithm is none, unknown, or not in the policy.</summary>
    AlgorithmNotAllowed,

    /// <summary>The policy wants another <c>typ</c> (RFC 8725 §3.11).</summary>
    TypeNotAllowed,

    /// <summary>No key of the set has the kid and fits the algorithm: the keys may have been rotated.</summary>
    UnknownKey,

    /// <summary>Several keys fit and the token does not say which.</summary>
    AmbiguousKey,

    /// <summary>The signature is not that of the key.</summary>
    BadSignature,
}

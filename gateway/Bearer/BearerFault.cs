namespace OrgGateway.Bearer;

/// <summary>Why a bearer token was refused. The audit tells them all apart; the caller is told what it can act on.</summary>
public enum BearerFault
{
    /// <summary>No JWT at all: not three parts, not JSON, too long, or with a header that changes how it is read.</summary>
    Malformed,

    /// <summary>Its <c>iss</c> is missing or none of <c>Gateway:BearerIssuers</c>.</summary>
    UnknownIssuer,
    AlgorithmNotAllowed,

    /// <summary>An ID token, a logout token, or anything else that was not made to be presented (RFC 8725 §3.11).</summary>
    WrongKind,
    UnknownKey,
    BadSignature,
    WrongAudience,
    Expired,
    NotYetValid,

    /// <summary><c>exp - iat</c> exceeds the issuer's <c>MaxTokenAge</c>.</summary>
    TooLongLived,

    /// <summary>Issued before its subject's access was ended.</summary>
    Revoked,

    /// <summary>A claim that every token needs (<c>exp</c>, <c>iat</c>, <c>sub</c>) is missing or unusable.</summary>
    ClaimMissing,
}

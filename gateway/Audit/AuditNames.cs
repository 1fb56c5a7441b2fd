namespace OrgGateway.Audit;

/// <summary>Names of audit events: what alerts and archives are written against, so none ever changes.</summary>
public static class AuditNames
{
    public const string SignedIn = "session.signed_in";
    public const string SignInFailed = "session.sign_in_failed";
    public const string Refreshed = "session.refreshed";
    public const string SignedOut = "session.signed_out";
    public const string SessionEnded = "session.ended";
    public const string Refused = "access.refused";
    public const string ApiKeyCreated = "api_key.created";

    /// <summary>A report-only route would have refused.</summary>
    public const string WouldRefuse = "access.would_refuse";
    public const string Revoked = "access.revoked";
    public const string TokenDiscarded = "token.discarded";
    public const string OrganizationTokenMinted = "org_token.minted";
    public const string OrganizationTokenFailed = "org_token.failed";
    public const string TokenLeakStopped = "token.leak_stopped";
    public const string UpstreamCookieDropped = "upstream.cookie_dropped";
    public const string OrganizationClaimMissing = "session.organization_claim_missing";
}

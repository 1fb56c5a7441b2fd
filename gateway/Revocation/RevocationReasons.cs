namespace OrgGateway.Revocation;

/// <summary>Stable reasons of revocations: they stand in logs, audit events, metrics and close frames, so none ever changes.</summary>
public static class RevocationReasons
{
    public const string Logout = "logout";
    public const string Admin = "admin";
    public const string BackchannelLogout = "backchannel_logout";
    public const string FrontchannelLogout = "frontchannel_logout";
    public const string SharedSignals = "shared_signals";
    public const string Scim = "scim";
}

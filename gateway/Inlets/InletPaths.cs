namespace OrgGateway.Inlets;

/// <summary>Paths below <c>Gateway:AuthPath</c>.</summary>
public static class InletPaths
{
    public const string BackchannelLogout = "/backchannel-logout";
    public const string FrontchannelLogout = "/frontchannel-logout";
    public const string Events = "/events";
    public const string Scim = "/scim/v2";
}

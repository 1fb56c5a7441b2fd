namespace OrgGateway.Bearer;

/// <summary>A bearer token as its caller sent it: forwarded where a route says so, shown nowhere.</summary>
public sealed record BearerToken(string Value)
{
    public override string ToString() => "***";
}

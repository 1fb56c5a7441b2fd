namespace OrgGateway.Sessions;

/// <summary>Knows whose sessions count here: a record of another issuer, client or environment is none (S37).</summary>
public interface ISessionOrigins
{
    bool Accepts(SessionRecord record);
}

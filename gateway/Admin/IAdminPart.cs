namespace OrgGateway.Admin;

/// <summary>Some endpoints of <c>/admin/v1</c>. Whoever reaches them has shown the management token.</summary>
public interface IAdminPart
{
    void Map(RouteGroupBuilder admin);
}

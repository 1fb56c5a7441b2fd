using OrgGateway.Access;

namespace OrgGateway.Proxy;

/// <summary>The way of a permitted request from the point on where it is known which of the user's tokens it carries.</summary>
/// <param name="granted">Null where the session's own token will do, or none is wanted.</param>
public delegate Task GrantedRequest(HttpContext context, Permit permit, GrantedUserToken? granted);

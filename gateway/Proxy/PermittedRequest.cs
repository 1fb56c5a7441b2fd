using OrgGateway.Access;

namespace OrgGateway.Proxy;

/// <summary>The way of a request from the decision on: the permit is what opens it.</summary>
public delegate Task PermittedRequest(HttpContext context, Permit permit);

using OrgGateway.Answers;

namespace OrgGateway.Explain;

/// <summary>A request that nobody made: what would happen to it?</summary>
/// <param name="Path">With query, as a browser would send it; a literal <c>{org}</c> in it stands for <see cref="Org"/>.</param>
/// <param name="User">Subject, or e-mail address; null for a caller without a credential.</param>
/// <param name="Org">Slug or id; names the organization where the path has <c>{org}</c>, or the host does.</param>
/// <param name="Host">Default the public origin's.</param>
public sealed record ExplainQuery(string Path, string Method = "GET", string? User = null, string? Org = null, string? Host = null, RequestKind Kind = RequestKind.Api);

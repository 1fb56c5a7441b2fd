using OrgGateway.Answers;

namespace OrgGateway.Admin;

/// <summary><c>GET /admin/v1/refusals</c>: the last refusals and failures of this replica.</summary>
public sealed class RefusalsPart(RecentRefusals refusals) : IAdminPart
{
    public void Map(RouteGroupBuilder admin) => admin.MapMethods("/refusals", OwnEndpoints.Read, (RequestDelegate)ListAsync);

    private async Task ListAsync(HttpContext context)
    {
        if (await AdminAnswer.PageOfAsync(context) is { } page)
            await AdminAnswer.OkAsync(context, new { items = refusals.Latest(page.Limit).Select(r => new { at = r.At, r.Event.Name, r.Event.Reason, r.Event.Route, r.Event.Subject, r.Event.KeyId, r.Event.OrgId, r.Event.Address, r.Event.RequestId }) });
    }
}

using OrgGateway.Answers;

namespace OrgGateway.Admin;

/// <summary><c>/admin/v1</c> behind the management token. Without a token configured nothing of it is there.</summary>
public sealed class AdminEndpoints(IEnumerable<IAdminPart> parts, AdminAccess access, ILogger<AdminEndpoints> logger)
{
    private const string Path = "/admin/v1";
    private readonly IAdminPart[] _parts = [.. parts];

    public void Map(WebApplication app)
    {
        app.Use(GuardAsync);
        var admin = app.MapGroup(Path);
        foreach (var part in _parts)
            part.Map(admin);
        admin.RefuseOtherMethods(AdminAnswer.ProblemAsync);
        admin.Map("/{**rest}", (RequestDelegate)(context => AdminAnswer.ProblemAsync(context, Problem.NotFound)));
    }

    private async Task GuardAsync(HttpContext context, RequestDelegate next)
    {
        if (!context.Request.Path.StartsWithSegments("/admin"))
        {
            await next(context);
            return;
        }
        if (!access.IsConfigured)
        {
            await AdminAnswer.ProblemAsync(context, Problem.NotFound);
            return;
        }
        switch (access.Check(context))
        {
            case AdminVerdict.Granted:
                // What changes something is told; the path holds ids and names, never a secret.
                if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
                    logger.AdminCalled(context.Request.Method, context.Request.Path);
                await next(context);
                break;
            case AdminVerdict.Limited:
                await AdminAnswer.ProblemAsync(context, AdminAnswer.Limited);
                break;
            default:
                if (context.Request.Headers.Authorization.Count > 0)
                    logger.AdminRefused(context.Connection.RemoteIpAddress?.ToString() ?? "", "admin API");
                await AdminAnswer.ProblemAsync(context, AdminAnswer.Unauthenticated);
                break;
        }
    }
}

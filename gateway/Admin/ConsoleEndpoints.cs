using OrgGateway.Answers;

namespace OrgGateway.Admin;

/// <summary>The console: pages for people, behind a sign-in with the management token or the token itself as bearer.</summary>
public sealed class ConsoleEndpoints(IEnumerable<IConsolePage> pages, AdminAccess access, ConsoleSession session, ILogger<ConsoleEndpoints> logger)
{
    private const string Said = "said";
    private readonly IConsolePage[] _pages = [.. pages];

    public void Map(WebApplication app)
    {
        var console = app.MapGroup("");
        console.MapMethods("/", OwnEndpoints.Read, FirstAsync);
        console.MapMethods(ConsoleSession.Path + "/sign-in", OwnEndpoints.Read, context => RedirectAsync(context, ""));
        console.MapMethods(ConsoleSession.Path + "/sign-in", OwnEndpoints.Post, SignInAsync);
        console.MapMethods(ConsoleSession.Path + "/sign-out", OwnEndpoints.Post, SignOutAsync);
        foreach (var page in _pages)
        {
            console.MapMethods(ConsoleHtml.Address(page.Path), OwnEndpoints.Read, context => ShowAsync(context, page));
            console.MapMethods($"{ConsoleHtml.Address(page.Path).TrimEnd('/')}/do/{{action}}", OwnEndpoints.Post, context => ActAsync(context, page));
        }
        // Before a sign-in is asked for: which paths there are, the console tells everybody. Without a token there are none.
        console.RefuseOtherMethods((context, refused) => AdminAnswer.ProblemAsync(context, access.IsConfigured ? refused : Problem.NotFound));
    }

    // The page itself for a program that shows the token; people go to where their cookie is valid.
    private Task FirstAsync(HttpContext context) =>
        context.Request.Headers.Authorization.Count > 0 ? ShowAsync(context, _pages[0])
        : access.IsConfigured ? RedirectAsync(context, "")
        : AdminAnswer.ProblemAsync(context, Problem.NotFound);

    private async Task ShowAsync(HttpContext context, IConsolePage page)
    {
        if (await AdmitAsync(context) is not { } formKey)
            return;
        var html = new ConsoleHtml(formKey);
        await page.WriteAsync(html, context.Request, context.RequestAborted);
        await ConsoleLayout.WritePageAsync(context, page, _pages, html, formKey, AdminAnswer.Query(context, Said) is { Length: < 200 } said ? said : null);
    }

    /// <returns>The form key, or null after an answer that asks for a sign-in.</returns>
    private async Task<string?> AdmitAsync(HttpContext context)
    {
        if (!access.IsConfigured)
            await AdminAnswer.ProblemAsync(context, Problem.NotFound);
        else if (context.Request.Headers.Authorization.Count > 0)
        {
            switch (access.Check(context))
            {
                case AdminVerdict.Granted:
                    return ""; // its forms would be refused; a program posts to /admin/v1
                case AdminVerdict.Limited:
                    await AdminAnswer.ProblemAsync(context, AdminAnswer.Limited);
                    break;
                default:
                    await AdminAnswer.ProblemAsync(context, AdminAnswer.Unauthenticated);
                    break;
            }
        }
        else if (session.FormKey(context) is { } formKey)
            return formKey;
        else
            await ConsoleLayout.WriteSignInAsync(context, StatusCodes.Status401Unauthorized, null);
        return null;
    }

    private async Task SignInAsync(HttpContext context)
    {
        if (!access.IsConfigured)
        {
            await AdminAnswer.ProblemAsync(context, Problem.NotFound);
            return;
        }
        if (await FormAsync(context) is not { } form)
            return;
        if (!ConsoleSession.IsSameOrigin(context.Request))
        {
            await ConsoleLayout.WriteSignInAsync(context, StatusCodes.Status403Forbidden, "That came from another page. Sign in here.");
            return;
        }
        switch (access.Check(context, form["token"].ToString()))
        {
            case AdminVerdict.Granted:
                session.Begin(context);
                logger.ConsoleSignedIn(context.Connection.RemoteIpAddress?.ToString() ?? "");
                await RedirectAsync(context, "");
                break;
            case AdminVerdict.Limited:
                await ConsoleLayout.WriteSignInAsync(context, StatusCodes.Status429TooManyRequests, "Too many wrong tokens. Try again in a minute.");
                break;
            default:
                logger.AdminRefused(context.Connection.RemoteIpAddress?.ToString() ?? "", "console");
                await ConsoleLayout.WriteSignInAsync(context, StatusCodes.Status401Unauthorized, "That is not the management token.");
                break;
        }
    }

    private async Task SignOutAsync(HttpContext context)
    {
        if (await FormAsync(context) is not { } form)
            return;
        if (session.IsOurForm(context, form))
            ConsoleSession.End(context);
        await RedirectAsync(context, "");
    }

    private async Task ActAsync(HttpContext context, IConsolePage page)
    {
        if (await AdmitAsync(context) is null || await FormAsync(context) is not { } form)
            return;
        if (!session.IsOurForm(context, form))
        {
            await AdminAnswer.ProblemAsync(context, new(403, "form_refused", "The form is not of this sign-in", "Open the page again."));
            return;
        }
        var action = (string)context.Request.RouteValues["action"]!;
        if (await page.ActAsync(action, form, context.RequestAborted) is not { } said)
        {
            await AdminAnswer.ProblemAsync(context, Problem.NotFound);
            return;
        }
        logger.ConsoleActed(page.Path, action);
        await RedirectAsync(context, $"{page.Path}?{Said}={Uri.EscapeDataString(said)}");
    }

    private static async Task<IFormCollection?> FormAsync(HttpContext context)
    {
        if (context.Request.HasFormContentType && context.Request.ContentLength is null or <= 16 * 1024)
        {
            try
            {
                return await context.Request.ReadFormAsync(context.RequestAborted);
            }
            catch (Exception exception) when (exception is InvalidDataException or BadHttpRequestException or NotSupportedException)
            {
                // answered below; the last is a form in an encoding that the framework has not, such as UTF-7
            }
        }
        await AdminAnswer.ProblemAsync(context, new(400, "invalid_form", "The form cannot be read"));
        return null;
    }

    // 303: what follows a post is a GET, whatever was posted.
    private static Task RedirectAsync(HttpContext context, string path)
    {
        context.Response.StatusCode = StatusCodes.Status303SeeOther;
        context.Response.Headers.Location = ConsoleHtml.Address(path);
        return Task.CompletedTask;
    }
}

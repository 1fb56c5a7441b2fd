namespace OrgGateway.Demo.Upstream;

/// <summary>What the app shows. Every fact on a page comes from the headers of the request for it.</summary>
internal static class Pages
{
    public static Task StartAsync(HttpContext context)
    {
        var caller = Caller.Of(context.Request);
        Markup greeting = caller.UserId is null
            ? $"""
              <h1>Welcome</h1>
              <p class="lead">This page is public. The app behind it has no sign-in of its own: it reads headers.</p>
              <p><a class="button" href="/auth/login?next=/">Sign in</a></p>
              """
            : (Markup)$"""
              <h1>Hello, {caller.Display}</h1>
              <p class="lead">This page is public. Because you are signed in, the app knows who you are.</p>
              <p><a class="button" href="/auth/select-org?next=/">Your organizations</a></p>
              """;
        return new Page("Start", $"""
            {greeting}
            <section>
              <h2>Try it</h2>
              <ul>
                <li>Open <a href="/orgs/acme/">Acme</a>, <a href="/orgs/globex/">Globex</a> and
                  <a href="/orgs/initech/">Initech</a> in tabs side by side: the address alone says which organization a tab is in.</li>
                <li>Leave the live panels of <a href="/orgs/acme/live">Acme</a> and <a href="/orgs/globex/live">Globex</a>
                  open at once.</li>
                <li>See what the gateway sends: <a href="/orgs/acme/api/echo">Acme with your token</a>,
                  <a href="/orgs/acme/reports/today">Acme with the organization's token</a>.</li>
                <li>The <a href="/orgs/acme/admin">administration of Acme</a> is for its admins.</li>
              </ul>
            </section>
            """).WriteAsync(context, caller);
    }

    public static Task MeAsync(HttpContext context)
    {
        var caller = Caller.Of(context.Request);
        return new Page("Me", $"""
            <h1>{caller.Display}</h1>
            <p class="lead">A personal page: no organization is part of its address.</p>
            {Facts(caller)}
            """).WriteAsync(context, caller);
    }

    public static Task OrganizationAsync(HttpContext context)
    {
        var caller = Caller.Of(context.Request);
        var address = $"/orgs/{Uri.EscapeDataString(AskedOrganization(context))}";
        return new Page(AskedOrganization(context), $"""
            <h1 id="org">{caller.OrgSlug}</h1>
            <p class="lead">Everything here is about the organization in the address.</p>
            {Facts(caller)}
            <nav class="actions">
              <a class="button" href="{address}/live">Live panel</a>
              <a class="button" href="{address}/admin">Administration</a>
              <a class="button" href="{address}/api/echo">Echo</a>
              <a class="button" href="{address}/reports/today">Report</a>
            </nav>
            """).WriteAsync(context, caller);
    }

    public static Task AdministrationAsync(HttpContext context)
    {
        var caller = Caller.Of(context.Request);
        return new Page($"Administration of {AskedOrganization(context)}", $"""
            <h1>Administration of <span id="org">{caller.OrgSlug}</span></h1>
            <p class="lead">Only admins of this organization get here. The gateway sees to that, not the app.</p>
            {Facts(caller)}
            """).WriteAsync(context, caller);
    }

    public static Task LiveAsync(HttpContext context)
    {
        var caller = Caller.Of(context.Request);
        return new Page($"Live: {AskedOrganization(context)}", $"""
            <h1>Live: <span id="org">{caller.OrgSlug}</span></h1>
            <p class="lead">A WebSocket to the address of this page. Its messages say whose it is.</p>
            <section class="panel" aria-live="polite">
              <dl>
                <dt>Socket</dt><dd id="socket-state">waiting for the script</dd>
                <dt>Organization</dt><dd id="socket-org"></dd>
                <dt>User</dt><dd id="socket-user"></dd>
                <dt>Messages</dt><dd id="socket-count">0</dd>
              </dl>
            </section>
            """) { Scripts = ["/assets/live.js"] }.WriteAsync(context, caller);
    }

    public static string AskedOrganization(HttpContext context) => context.GetRouteValue("org") as string ?? "";

    private static Markup Facts(Caller caller) => $"""
        <dl class="facts">
          <dt>Caller</dt><dd>{caller.Type}</dd>
          <dt>User</dt><dd>{caller.Display} <code>{caller.UserId}</code></dd>
          <dt>Organization</dt><dd>{caller.OrgSlug ?? "none"} <code id="org-id">{caller.OrgId}</code></dd>
          <dt>Roles</dt><dd id="roles">{string.Join(", ", caller.Roles)}</dd>
          <dt>Permissions</dt><dd id="permissions">{string.Join(", ", caller.Permissions)}</dd>
          <dt>Token</dt><dd id="token">{caller.Token}</dd>
        </dl>
        """;
}

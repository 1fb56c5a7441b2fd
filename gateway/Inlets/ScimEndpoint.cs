using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http.Features;
using OrgGateway.Oidc;
using OrgGateway.Revocation;
using OrgGateway.Sessions;

namespace OrgGateway.Inlets;

/// <summary>
/// <c>/auth/scim/v2/Users/{id}</c>: PATCH of <c>active</c> to false and DELETE end a person's access; anything else of SCIM is 501,
/// since the gateway keeps no directory (RFC 7644 §3.5.2, §3.6).
/// </summary>
public sealed class ScimEndpoint(ScimOptions options, IdentityProviders providers, SessionRevocation revocation, SessionListing listing, InletGuard guard, ILogger<ScimEndpoint> logger)
{
    private const int LongestId = 255;
    private static readonly string[] Schemas = ["urn:ietf:params:scim:api:messages:2.0:Error"];
    private readonly byte[]? _expected = options.Token is { } token ? SHA256.HashData(Encoding.UTF8.GetBytes("Bearer " + token)) : null;

    public async Task InvokeAsync(HttpContext context)
    {
        if (!guard.Admits(context))
            return;
        if (_expected is null)
        {
            await WriteAsync(context, StatusCodes.Status404NotFound, "SCIM is not configured");
            return;
        }
        // Hashed first: the comparison then takes the same time whatever the length.
        if (!CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(context.Request.Headers.Authorization.ToString())), _expected))
        {
            logger.InletRefused("scim", "not the token", context.TraceIdentifier);
            context.Response.Headers.WWWAuthenticate = "Bearer";
            await WriteAsync(context, StatusCodes.Status401Unauthorized, "the bearer token of Gateway:Scim:Token is needed");
            return;
        }
        guard.GiveBack(context);
        if (UserIdOf(context) is not { } id)
            await NotServedAsync(context);
        else if (HttpMethods.IsDelete(context.Request.Method))
            await RevokeAsync(context, id);
        else if (HttpMethods.IsPatch(context.Request.Method))
            await PatchAsync(context, id);
        else
            await NotServedAsync(context);
    }

    private async Task PatchAsync(HttpContext context, string id)
    {
        if (await BoundedBody.ReadAsync(context.Request, context.RequestAborted) is not { } body)
        {
            await WriteAsync(context, StatusCodes.Status413PayloadTooLarge, "the body is larger than 16 KiB");
            return;
        }
        switch (ScimPatch.Read(body))
        {
            case ScimPatchKind.Deactivates:
                await RevokeAsync(context, id);
                break;
            case ScimPatchKind.Activates:
                context.Response.StatusCode = StatusCodes.Status204NoContent; // the next sign-in is the provider's to allow
                break;
            case ScimPatchKind.Malformed:
                await WriteAsync(context, StatusCodes.Status400BadRequest, "not a PATCH request of RFC 7644 §3.5.2");
                break;
            default:
                await NotServedAsync(context);
                break;
        }
    }

    private async Task RevokeAsync(HttpContext context, string id)
    {
        var provider = options.IdentityProvider is { } name ? providers.Find(name)! : providers.Default!; // with a Scim:Token there is one
        // Its document pins the issuer that sessions are recorded under; without it the configured one is the best there is.
        await provider.GetMetadataAsync(CancellationToken.None);
        var subjects = await SubjectsAsync(provider.Issuer, id);
        var complete = subjects is not null;
        foreach (var subject in subjects ?? [])
            complete &= (await revocation.RevokeAsync(new(RevocationScope.Subject, RevocationReasons.Scim, Issuer: provider.Issuer, Subject: subject))).Complete;
        if (!complete)
        {
            context.Response.Headers.RetryAfter = "5";
            await WriteAsync(context, StatusCodes.Status503ServiceUnavailable, "the session store does not answer; the revocation is carried through when it does; ask again");
            return;
        }
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private async Task<IReadOnlyList<string>?> SubjectsAsync(string issuer, string id) =>
        options.UserId == ScimUserId.Subject ? [id] : await listing.SubjectsOfEmailAsync(issuer, id, CancellationToken.None);

    // From the target as it was sent: a route value has lost the difference between an encoded slash and a real one.
    private static string? UserIdOf(HttpContext context)
    {
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var path = target.AsSpan(0, target.IndexOf('?', StringComparison.Ordinal) is >= 0 and var query ? query : target.Length);
        var start = path.IndexOf(InletPaths.Scim + "/Users/", StringComparison.OrdinalIgnoreCase);
        if (start < 0)
            return null;
        var id = path[(start + InletPaths.Scim.Length + "/Users/".Length)..];
        return id.Length is > 0 and <= 3 * LongestId && !id.Contains('/') && Uri.UnescapeDataString(id) is { Length: <= LongestId } text ? text : null;
    }

    private static Task NotServedAsync(HttpContext context) =>
        WriteAsync(context, StatusCodes.Status501NotImplemented, "only DELETE of a user and PATCH of its active attribute are served");

    private static Task WriteAsync(HttpContext context, int status, string detail)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(
            new ScimError(Schemas, status.ToString(System.Globalization.CultureInfo.InvariantCulture), detail), InletJson.Default.ScimError, "application/scim+json", context.RequestAborted);
    }
}

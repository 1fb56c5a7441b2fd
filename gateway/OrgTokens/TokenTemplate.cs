using System.Net.Http.Headers;
using System.Text;
using System.Text.Encodings.Web;
using OrgGateway.Orgs;

namespace OrgGateway.OrgTokens;

/// <summary>Puts an organization's names and secret into the request of an <c>Http</c> source, each encoded for where it stands.</summary>
internal static class TokenTemplate
{
    public static readonly string[] Names = ["org", "slug", "secret", "clientId", "scope"];

    public static string Url(Organization organization) => Fill(organization, organization.Token!.Url!, Uri.EscapeDataString);

    /// <summary>As written: the check of the configuration lets only visible ASCII through.</summary>
    public static string Header(Organization organization, string template) => Fill(organization, template, value => value);

    public static byte[] Body(Organization organization, string mediaType)
    {
        var type = MediaTypeHeaderValue.Parse(mediaType).MediaType ?? "";
        Func<string, string> encode = type.EndsWith("json", StringComparison.OrdinalIgnoreCase) ? value => JavaScriptEncoder.Default.Encode(value)
            : type.Equals("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase) ? Uri.EscapeDataString
            : value => value;
        return Encoding.UTF8.GetBytes(Fill(organization, organization.Token!.Body!, encode));
    }

    public static string MediaType(OrganizationTokenOptions source) =>
        source.Headers.FirstOrDefault(h => h.Key.Equals("Content-Type", StringComparison.OrdinalIgnoreCase)).Value is { Length: > 0 } own ? own : "application/json";

    // One pass, so that what was put in is never read as a template again.
    private static string Fill(Organization organization, string template, Func<string, string> encode)
    {
        var filled = new StringBuilder(template.Length + 64);
        for (var at = 0; at < template.Length;)
        {
            var name = template[at] == '{' ? Array.Find(Names, n => template.AsSpan(at + 1).StartsWith(n + "}", StringComparison.Ordinal)) : null;
            if (name is null)
            {
                filled.Append(template[at++]);
                continue;
            }
            filled.Append(encode(ValueOf(organization, name)));
            at += name.Length + 2;
        }
        return filled.ToString();
    }

    private static string ValueOf(Organization organization, string name) => name switch
    {
        "org" => organization.Id,
        "slug" => organization.Slug,
        "secret" => organization.Token!.Secret,
        "clientId" => organization.Token!.ClientId,
        _ => organization.Token!.Scope,
    } ?? "";
}

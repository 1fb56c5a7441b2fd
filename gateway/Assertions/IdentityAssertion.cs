using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using OrgGateway.Access;
using OrgGateway.Configuration;

namespace OrgGateway.Assertions;

/// <summary>
/// The signed word of who makes a request, where and how: bound to the upstream (<c>aud</c>), the route and the method. One
/// assertion serves the same session, organization, route and method until half of its life is over, so that signing is no
/// cost of the warm path; <c>jti</c> names the assertion, not the request.
/// </summary>
public sealed class IdentityAssertion(AssertionKeys keys, AssertionOptions options, Site site, TimeProvider clock)
{
    private const string Type = "JWT";
    private static readonly string[] Methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

    /// <returns>Null for an anonymous caller: there is nothing to assert.</returns>
    public string? For(Permit permit, string method)
    {
        if (permit.Identity is not { } identity)
            return null;
        var slot = Array.IndexOf(Methods, method);
        if (slot < 0)
            return Sign(permit, method, clock.GetUtcNow());
        var derived = permit.Organization?.Derived ?? identity.Derived;
        var signed = (Signed?[])derived.GetOrAdd(permit.Policy, static _ => new Signed?[Methods.Length]);
        var now = clock.GetUtcNow();
        if (signed[slot] is { } known && now < known.FreshUntil)
            return known.Value;
        var made = Sign(permit, method, now);
        signed[slot] = new Signed(made, now + (options.Lifetime / 2));
        return made;
    }

    private string Sign(Permit permit, string method, DateTimeOffset now)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("iss"u8, site.Origin);
            json.WriteString("aud"u8, permit.Policy.ClusterId);
            json.WriteString("sub"u8, permit.Identity!.Subject);
            if (permit.Organization is { } organization)
            {
                json.WriteString("org_id"u8, organization.Id);
                json.WriteString("org_slug"u8, organization.Slug);
                var stated = StatedLists.Of(organization);
                WriteList(json, "roles"u8, stated.Roles);
                WriteList(json, "permissions"u8, stated.Permissions);
                if (stated.LeftOut is not null)
                    json.WriteString("left_out"u8, stated.LeftOut);
            }
            json.WriteString("route"u8, permit.Policy.RouteId);
            json.WriteString("method"u8, method);
            json.WriteNumber("iat"u8, now.ToUnixTimeSeconds());
            json.WriteNumber("exp"u8, (now + options.Lifetime).ToUnixTimeSeconds());
            json.WriteString("jti"u8, Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16)));
            json.WriteEndObject();
        }
        return keys.Signer.Sign(Type, buffer.WrittenSpan);
    }

    private static void WriteList(Utf8JsonWriter json, ReadOnlySpan<byte> name, IReadOnlyList<string> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
            json.WriteStringValue(value);
        json.WriteEndArray();
    }

    private sealed record Signed(string Value, DateTimeOffset FreshUntil);
}

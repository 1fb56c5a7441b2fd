using System.Text.Json;

namespace OrgGateway.Tests.SignIn;

/// <summary>Return targets that lead away, or that some browser or library takes to lead away; a new line in the file is a new case.</summary>
public static class RedirectPayloads
{
    public static TheoryData<string> All => [.. JsonSerializer.Deserialize<string[]>(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "SignIn", "data", "redirect-payloads.json")))!];

    /// <summary>The payload as it stands where a request line can carry it, and encoded once and twice.</summary>
    public static IEnumerable<string> Sendable(string payload) => new[] { payload, Uri.EscapeDataString(payload), Uri.EscapeDataString(Uri.EscapeDataString(payload)) }
        .Where(text => !text.Any(c => c is <= ' ' or '#' or > '~'));
}

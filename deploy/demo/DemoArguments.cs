namespace OrgGateway.Demo;

/// <summary>What the demo was asked to run.</summary>
internal sealed record DemoArguments(string Part, string? Url, string? Issuer)
{
    public const string Everything = "all";
    public const string IdentityProvider = "identity-provider";
    public const string Upstream = "upstream";

    public const string Usage = """
        Usage: dotnet run --project deploy/demo
               dotnet run --project deploy/demo -- identity-provider [--urls URL] [--issuer URL]
               dotnet run --project deploy/demo -- upstream [--urls URL]
        """;

    /// <returns>Null when the command line is not one of the usage.</returns>
    public static DemoArguments? Parse(string[] args)
    {
        if (args is [])
            return new(Everything, null, null);
        if (args[0] is not (IdentityProvider or Upstream) || args.Length % 2 == 0)
            return null;
        var parsed = new DemoArguments(args[0], null, null);
        for (var i = 1; i < args.Length; i += 2)
        {
            switch (args[i])
            {
                case "--urls" when IsUrl(args[i + 1]):
                    parsed = parsed with { Url = args[i + 1] };
                    break;
                case "--issuer" when parsed.Part == IdentityProvider && IsUrl(args[i + 1]):
                    parsed = parsed with { Issuer = args[i + 1].TrimEnd('/') };
                    break;
                default:
                    return null;
            }
        }

        return parsed;
    }

    private static bool IsUrl(string text) => Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http";
}

namespace OrgGateway.Configuration;

/// <summary>
/// Where settings come from, later wins: built-in defaults, config/appsettings.json, config/appsettings.{Environment}.json,
/// each --config FILE, files in /run/secrets, environment variables, overrides of the host itself. The aliases among the last three
/// stand above all of them: <see cref="EnvironmentAliases"/>.
/// </summary>
public static class ConfigurationLayers
{
    /// <summary>Files named by setting; <c>ORGGATEWAY_SECRETS_FOLDER</c> names another place.</summary>
    public const string SecretsFolder = "/run/secrets";

    /// <summary>Of <c>ASPNETCORE_ENVIRONMENT</c> or <c>DOTNET_ENVIRONMENT</c>; <c>Production</c> where neither is set.</summary>
    public static string EnvironmentName() =>
        Environment.GetEnvironmentVariable("ASPNETCORE_ENVIRONMENT") ?? Environment.GetEnvironmentVariable("DOTNET_ENVIRONMENT") ?? Environments.Production;

    /// <exception cref="InvalidDataException">A file cannot be read or is not JSON; the message names it.</exception>
    public static IConfigurationRoot Build(IReadOnlyList<string> files, string environment, IEnumerable<KeyValuePair<string, string?>> overrides)
    {
        var builder = new ConfigurationBuilder();
        var folder = Path.Combine(Directory.GetCurrentDirectory(), "config");
        AddFile(builder, Path.Combine(folder, "appsettings.json"), optional: true);
        AddFile(builder, Path.Combine(folder, $"appsettings.{environment}.json"), optional: true);
        foreach (var file in files)
            AddFile(builder, Path.GetFullPath(file), optional: false);
        var secrets = Environment.GetEnvironmentVariable("ORGGATEWAY_SECRETS_FOLDER") is { Length: > 0 } elsewhere ? Path.GetFullPath(elsewhere) : SecretsFolder;
        if (Directory.Exists(secrets))
            builder.AddKeyPerFile(secrets, optional: true, reloadOnChange: true);
        builder.AddEnvironmentVariables("ASPNETCORE_");
        builder.AddEnvironmentVariables();
        builder.AddInMemoryCollection(overrides);
        try
        {
            return builder.Build();
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException(Explain(exception), exception);
        }
    }

    private static void AddFile(ConfigurationBuilder builder, string path, bool optional)
    {
        // A named file that is missing is a fault of its own sentence, so the provider is never asked to find it out.
        if (!File.Exists(path))
        {
            if (!optional)
                throw new InvalidDataException($"configuration file {path} does not exist");
            if (!Directory.Exists(Path.GetDirectoryName(path)))
                return;
        }
        var source = new SettingsFileSource { File = path, Path = path, Optional = optional, ReloadOnChange = true };
        source.ResolveFileProvider();
        builder.Add(source);
    }

    private static string Explain(Exception exception) => exception.InnerException is FormatException { Message: var why } inner
        ? $"{exception.Message} {why} {inner.InnerException?.Message}".Trim()
        : exception.Message;
}

using OrgGateway.Configuration;

namespace OrgGateway.Logs;

public enum LogFormat
{
    /// <summary><c>Json</c> in a container (<c>DOTNET_RUNNING_IN_CONTAINER</c>, which .NET's images set), else <c>Text</c>.</summary>
    Auto,

    /// <summary>One JSON object a line.</summary>
    Json,

    /// <summary>One line for people.</summary>
    Text,
}

/// <summary><c>Gateway:Logging</c>. Logs go to standard output; read at start.</summary>
public sealed class LoggingOptions
{
    public const string Section = "Gateway:Logging";

    /// <summary><c>Auto</c> (JSON in a container, text elsewhere), <c>Json</c> or <c>Text</c>. Default Auto.</summary>
    public LogFormat Format { get; init; }

    /// <summary>Least level of the gateway's own messages: Trace, Debug, Information, Warning, Error, Critical or None. Default Information.</summary>
    public LogLevel Level { get; init; } = LogLevel.Information;

    /// <summary>Levels by category or its beginning, such as <c>"Yarp": "Debug"</c>. Microsoft, System and Yarp are at Warning where nothing is said.</summary>
    public Dictionary<string, LogLevel> Levels { get; init; } = [];

    public void Check(Faults faults)
    {
        foreach (var category in Levels.Keys.Where(string.IsNullOrWhiteSpace))
            faults.Add($"{Section}:Levels:{category}", "the name of a category belongs here, such as Yarp");
    }
}

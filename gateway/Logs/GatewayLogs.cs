using Serilog;
using Serilog.Formatting;

namespace OrgGateway.Logs;

/// <summary>Serilog behind <c>ILogger</c>: one sink, standard output, written by a thread of its own so that no request waits for a pipe.</summary>
public static class GatewayLogs
{
    private const int Backlog = 20_000;

    public static Serilog.Core.Logger Create(LoggingOptions options, Redaction redaction, bool forCommand)
    {
        ITextFormatter format = IsJson(options) ? new JsonLines(redaction) : new TextLines(redaction);
        return new LoggerConfiguration()
            .MinimumLevel.Verbose() // levels are decided before, by category
            .WriteTo.Async(sink => sink.Console(format, standardErrorFromLevel: forCommand ? Serilog.Events.LogEventLevel.Verbose : null), Backlog, blockWhenFull: false)
            .CreateLogger();
    }

    public static void Use(ILoggingBuilder logging, LoggingOptions options, Serilog.ILogger logger, bool forCommand)
    {
        logging.ClearProviders();
        // Not AddSerilog: it lets its provider past every level that is set below.
        logging.Services.AddSingleton<ILoggerProvider>(_ => new Serilog.Extensions.Logging.SerilogLoggerProvider(logger, dispose: true));
        logging.SetMinimumLevel(forCommand ? LogLevel.Warning : options.Level);
        foreach (var quiet in (string[])["Microsoft", "System", "Yarp"])
            logging.AddFilter(quiet, options.Level > LogLevel.Warning ? options.Level : LogLevel.Warning);
        foreach (var (category, level) in options.Levels)
            logging.AddFilter(category, level);
        // Request lines of the framework carry query strings, where codes and states travel; they stay off at any level. While this
        // category is on, the framework also begins an Activity for every request, whether anybody traces or not.
        logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
    }

    private static bool IsJson(LoggingOptions options) => options.Format switch
    {
        LogFormat.Json => true,
        LogFormat.Text => false,
        _ => string.Equals(Environment.GetEnvironmentVariable("DOTNET_RUNNING_IN_CONTAINER"), "true", StringComparison.OrdinalIgnoreCase),
    };
}

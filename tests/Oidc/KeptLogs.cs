using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace OrgGateway.Tests.Oidc;

/// <summary>Keeps every message, of every level.</summary>
internal sealed class KeptLogs : ILoggerFactory, ILogger
{
    private readonly ConcurrentQueue<(string Event, string Message)> _messages = new();

    public IReadOnlyList<(string Event, string Message)> Messages => [.. _messages];

    public string Text => string.Join('\n', Messages.Select(message => message.Message));

    public int Count(string eventName) => Messages.Count(message => message.Event == eventName);

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _messages.Enqueue((eventId.Name ?? "", formatter(state, exception) + exception));

    public void Dispose()
    {
    }
}

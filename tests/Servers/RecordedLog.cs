using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace OrgGateway.Tests.Servers;

/// <summary>Keeps every message of every level, with the text of exceptions.</summary>
public class RecordedLog : ILogger
{
    private readonly ConcurrentQueue<string> _messages = new();

    public IReadOnlyCollection<string> Messages => _messages;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _messages.Enqueue($"{logLevel} {eventId.Name}: {formatter(state, exception)} {exception}");
}

/// <summary>For constructors that ask for a category's logger.</summary>
public sealed class RecordedLog<T> : RecordedLog, ILogger<T>;

using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace OrgGateway.Tests.Servers;

/// <summary>
/// A bare RESP connection: what a test asks of Redis does not go through the client that it tests. Answers are byte[] (null for
/// nil), long, string (status) or a list of these.
/// </summary>
public sealed class RedisConversation : IDisposable
{
    private readonly TcpClient _client;
    private readonly Stream _stream;

    private RedisConversation(TcpClient client) => (_client, _stream) = (client, new BufferedStream(client.GetStream()));

    public static async Task<RedisConversation> OpenAsync(int port, string? password, CancellationToken cancellationToken)
    {
        var client = new TcpClient { NoDelay = true };
        try
        {
            await client.ConnectAsync("127.0.0.1", port, cancellationToken);
            var conversation = new RedisConversation(client);
            if (password is not null)
                await conversation.AskAsync(cancellationToken, "AUTH", password);
            return conversation;
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

#pragma warning disable CA1068 // the command's words come last
    public async Task<object?> AskAsync(CancellationToken cancellationToken, params string[] words)
#pragma warning restore CA1068
    {
        var command = new StringBuilder().Append(CultureInfo.InvariantCulture, $"*{words.Length}\r\n");
        foreach (var word in words)
            command.Append(CultureInfo.InvariantCulture, $"${word.Length}\r\n{word}\r\n");
        // Latin-1: a key read as bytes is asked for as the same bytes.
        await _stream.WriteAsync(Encoding.Latin1.GetBytes(command.ToString()), cancellationToken);
        await _stream.FlushAsync(cancellationToken);
        return await AnswerAsync(cancellationToken);
    }

    public void Dispose()
    {
        _stream.Dispose();
        _client.Dispose();
    }

    private async Task<object?> AnswerAsync(CancellationToken cancellationToken)
    {
        var line = await LineAsync(cancellationToken);
        var rest = line[1..];
        switch (line[0])
        {
            case '+':
                return rest;
            case '-':
                throw new InvalidOperationException("Redis: " + rest);
            case ':':
                return long.Parse(rest, CultureInfo.InvariantCulture);
            case '$':
                var length = int.Parse(rest, CultureInfo.InvariantCulture);
                if (length < 0)
                    return null;
                var bytes = new byte[length + 2];
                await _stream.ReadExactlyAsync(bytes, cancellationToken);
                return bytes[..^2];
            case '*':
                var items = new List<object?>();
                for (var count = int.Parse(rest, CultureInfo.InvariantCulture); count > 0; count--)
                    items.Add(await AnswerAsync(cancellationToken));
                return items;
            default:
                throw new InvalidDataException("not RESP: " + line);
        }
    }

    private async Task<string> LineAsync(CancellationToken cancellationToken)
    {
        var line = new StringBuilder();
        var one = new byte[1];
        while (line.Length < 2 || line[^1] != '\n')
        {
            await _stream.ReadExactlyAsync(one, cancellationToken);
            line.Append((char)one[0]);
        }
        return line.ToString(0, line.Length - 2);
    }
}

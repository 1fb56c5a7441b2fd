using OrgGateway.Bench.Load;

try
{
    if (args.Contains("startup"))
        return await new Startup(Console.Out, 5).RunAsync();
    if (args is ["sockets", ..])
        return await new SocketComparison(Console.Out, Math.Clamp(int.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture), 100, 50_000)).RunAsync();
    if (args is ["sessions", ..])
        return await new SessionCount(Console.Out, Settings.FromEnvironment(), args.Length > 1 ? int.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture) : 100_000).RunAsync();
    if (args.Contains("telemetry"))
        return await new TelemetryCost(Console.Out, Settings.FromEnvironment()).RunAsync();
    if (args is ["tuning", ..])
        return await new Tuning(Console.Out, Settings.FromEnvironment()).RunAsync(args[1..]);
    if (args.Contains("routes"))
        return await new RouteComparison(Console.Out, Settings.FromEnvironment(secs: 3)).RunAsync();
    if (args.Intersect(TrafficComparison.Kinds).ToArray() is { Length: > 0 } kinds)
        return await new TrafficComparison(Console.Out, Settings.FromEnvironment(secs: 3)).RunAsync(kinds);
    if (args.Contains("peers"))
        return await new PeerComparison(Console.Out, Settings.FromEnvironment(secs: 3)).RunAsync();
    if (args.Contains("growth"))
        return await new Growth(Console.Out, Settings.FromEnvironment()).RunAsync();
    return await new Comparison(Console.Out, Settings.FromEnvironment()).RunAsync(withGateway: !args.Contains("aa"), machines: args.Contains("machines"));
}
catch (Exception failure) when (failure is InvalidOperationException or TimeoutException or HttpRequestException)
{
    await Console.Error.WriteLineAsync($"tests/bench/run: {failure.Message}");
    return 1;
}

using Microsoft.Extensions.Primitives;

namespace OrgGateway.Configuration;

/// <summary>
/// The configuration the gateway runs on: a checked copy of the layers. A change of the layers reaches it only when the whole
/// of it is sound, so that a bad reload changes nothing at all, neither routes nor organizations.
/// </summary>
/// <typeparam name="TChecked">What a sound configuration is parsed into.</typeparam>
public sealed class LiveConfiguration<TChecked> : Settings, IDisposable
    where TChecked : class
{
    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(250);
    private readonly IConfigurationRoot _layers;
    private readonly Func<IConfiguration, Faults, TChecked?> _check;
    private readonly Timer _settled;
    private readonly IDisposable _watch;
    private bool _refused;

    public LiveConfiguration(IConfigurationRoot layers, Func<IConfiguration, Faults, TChecked?> check)
    {
        (_layers, _check) = (layers, check);
        Take(Read());
        // Editors and config-map updates touch a file several times in a row: judge what stands when it has come to rest.
        _settled = new Timer(_ => Reconsider());
        _watch = ChangeToken.OnChange(layers.GetReloadToken, () => _settled.Change(Settle, Timeout.InfiniteTimeSpan));
    }

    /// <summary>Given a sound new configuration just before readers of the settings are told to read again.</summary>
    public event Action<TChecked>? Accepting;

    /// <summary>Told of every reload: the faults that stopped it, or none when it was taken over.</summary>
    public event Action<Faults>? Reloaded;

    private void Reconsider()
    {
        var faults = new Faults();
        foreach (var file in _layers.Providers.OfType<SettingsFile>())
            if (file.Fault is { } why)
                faults.Add(file.File, why);
        var candidate = Read();
        if (!faults.Any && SameAs(candidate))
        {
            // A change that was refused and is taken back: nothing is wrong any more.
            if (_refused)
                Report(faults);
            return;
        }
        if (!faults.Any && _check(Of(candidate), faults) is { } sound)
        {
            Accepting?.Invoke(sound);
            Take(candidate);
            OnReload();
        }
        Report(faults);
    }

    private void Report(Faults faults)
    {
        _refused = faults.Any;
        Reloaded?.Invoke(faults);
    }

    private Dictionary<string, string?> Read()
    {
        var merged = Merge(_layers);
        foreach (var (key, value) in EnvironmentAliases.Settings(name => merged.GetValueOrDefault(name)).ToList())
            merged[key] = value;
        return merged;
    }

    private bool SameAs(Dictionary<string, string?> other) =>
        Data.Count == other.Count && other.All(pair => Data.TryGetValue(pair.Key, out var value) && value == pair.Value);

    public void Dispose()
    {
        _watch.Dispose();
        _settled.Dispose();
        (_layers as IDisposable)?.Dispose();
    }
}

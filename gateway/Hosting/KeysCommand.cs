using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using OrgGateway.ApiKeys;
using OrgGateway.Audit;
using OrgGateway.Orgs;
using OrgGateway.Revocation;
using OrgGateway.Storage;

namespace OrgGateway.Hosting;

/// <summary><c>keys create|list|revoke|disable|enable</c>: API keys in the store of the configuration, while gateways run on it.</summary>
public static class KeysCommand
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(366 * 100); // more than a key may live, and little enough to count with

    public static Command Create(Option<string[]> files)
    {
        var json = new Option<bool>("--json") { Description = "Prints JSON", Recursive = true };
        var keys = new Command("keys", "API keys: create, list, revoke, disable, enable") { CreateOne(files, json), ListAll(files, json) };
        keys.Options.Add(json);
        foreach (var (name, done, what) in new[] { ("revoke", "revoked", "Ends a key on every replica within a second"), ("disable", "disabled", "Refuses a key until it is enabled"), ("enable", "enabled", "Accepts a disabled key again") })
        {
            var id = new Argument<string>("id") { Description = "The key's public id (key_...)" };
            var command = new Command(name, what) { id };
            command.SetAction((parsed, cancel) => WithKeysAsync(parsed.GetValue(files), (keyring, _) => ChangeAsync(keyring, name, done, parsed.GetRequiredValue(id), parsed.GetValue(json), cancel)));
            keys.Subcommands.Add(command);
        }
        return keys;
    }

    private static Command CreateOne(Option<string[]> files, Option<bool> json)
    {
        var org = new Option<string>("--org") { Description = "Slug or id of the organization the key acts in", Required = true };
        var name = new Option<string?>("--name") { Description = "What the key is for" };
        var roles = new Option<string[]>("--role") { Description = "A role in the organization; several times for several" };
        var permissions = new Option<string[]>("--permission", "--scope") { Description = "A permission besides those of its roles; several times for several" };
        var expires = new Option<TimeSpan?>("--expires-in") { Description = "Life of the key, such as 90.00:00:00 (days.hours:minutes:seconds); default until it is revoked" };
        var meta = new Option<string[]>("--meta") { Description = "A note, as name=value; several times for several" };
        var limit = new Option<string?>("--rate-limit") { Description = "Requests in a window, of this key alone, such as 10/00:00:10" };
        var budget = new Option<string?>("--budget") { Description = "Requests in a period, of this key alone, such as 10000/30.00:00:00" };
        var owner = new Option<string?>("--owner") { Description = "Subject whose key it is: it ends with that person's access" };
        var ownerIssuer = new Option<string?>("--owner-issuer") { Description = "Of the owner; the default provider's where nothing is said" };
        var command = new Command("create", "Makes a key and shows it, this once") { org, name, roles, permissions, expires, meta, limit, budget, owner, ownerIssuer };
        command.SetAction((parsed, cancel) =>
        {
            if (!TryAllowance(parsed.GetValue(limit), out var rateLimit) || !TryAllowance(parsed.GetValue(budget), out var spending))
                return FailAsync("A limit is written NUMBER/DURATION, such as 10/00:00:10.", 2);
            if (parsed.GetValue(ownerIssuer) is not null && parsed.GetValue(owner) is null)
                return FailAsync("--owner-issuer is of --owner, which is missing.", 2);
            var wanted = new NewApiKey(parsed.GetRequiredValue(org))
            {
                Name = parsed.GetValue(name),
                Roles = parsed.GetValue(roles) ?? [],
                Permissions = parsed.GetValue(permissions) ?? [],
                Expires = parsed.GetValue(expires) is { } life ? TimeProvider.System.GetUtcNow() + TimeSpan.FromTicks(Math.Clamp(life.Ticks, -Longest.Ticks, Longest.Ticks)) : null,
                Meta = (parsed.GetValue(meta) ?? []).Select(m => m.Split('=', 2)).ToDictionary(m => m[0], m => m.Length > 1 ? m[1] : "", StringComparer.Ordinal),
                RateLimit = rateLimit,
                Budget = spending,
                OwnerIssuer = parsed.GetValue(ownerIssuer),
                OwnerSubject = parsed.GetValue(owner),
            };
            return WithKeysAsync(parsed.GetValue(files), (keyring, options) => CreateAsync(keyring, options, wanted, parsed.GetValue(json), cancel));
        });
        return command;
    }

    private static Command ListAll(Option<string[]> files, Option<bool> json)
    {
        var org = new Option<string?>("--org") { Description = "Slug or id; default all organizations" };
        var command = new Command("list", "Lists keys; the keys themselves are stored nowhere") { org };
        command.SetAction((parsed, cancel) => WithKeysAsync(parsed.GetValue(files), (keyring, _) => ListAsync(keyring, parsed.GetValue(org), parsed.GetValue(json), cancel)));
        return command;
    }

    private static async Task<int> CreateAsync(ApiKeyOperations keys, GatewayOptions options, NewApiKey wanted, bool json, CancellationToken cancellationToken)
    {
        if (keys.Faults(wanted) is { Count: > 0 } faults)
            return await FailAsync(string.Join(Environment.NewLine, faults), 2);
        if (wanted.OwnerSubject is not null)
        {
            // Under an issuer that nobody vouches for, no revocation would ever find it.
            if (OwnerIssuer(options, wanted.OwnerIssuer) is not { } issuer)
                return await FailAsync("No identity provider of the configuration has the issuer of the owner.", 2);
            wanted = wanted with { OwnerIssuer = issuer };
        }
        if (await keys.CreateAsync(wanted, cancellationToken) is not { } made)
            return await StoreDownAsync();
        if (json)
            Console.WriteLine(JsonSerializer.Serialize(new { id = made.Record.Id, key = made.Key, org = made.Record.OrgId, roles = made.Record.Roles, permissions = made.Record.Permissions, expires = made.Record.Expires }));
        else
            Console.WriteLine($"{made.Record.Id}  {made.Key}{Environment.NewLine}Keep the key: it is shown this once.");
        return 0;
    }

    private static string? OwnerIssuer(GatewayOptions options, string? asked) => asked is null
        ? options.IdentityProviders.GetValueOrDefault(options.DefaultProviderName)?.Issuer
        : options.IdentityProviders.Values.FirstOrDefault(p => Oidc.ProviderMetadata.SameButForSlash(p.Issuer, asked))?.Issuer;

    private static async Task<int> ListAsync(ApiKeyOperations keys, string? org, bool json, CancellationToken cancellationToken)
    {
        if (await keys.ListAsync(org, cancellationToken) is not { } listed)
            return await StoreDownAsync();
        var rows = listed.OrderBy(k => k.Record.Created).Select(k => new
        {
            id = k.Record.Id, org = k.Record.OrgId, name = k.Record.Name, roles = k.Record.Roles, permissions = k.Record.Permissions, created = k.Record.Created, expires = k.Record.Expires,
            disabled = k.Record.Disabled, lastUsed = k.LastUsed, meta = k.Record.Meta, rateLimit = k.Record.RateLimit, budget = k.Record.Budget, owner = k.Record.OwnerSubject,
        }).ToArray();
        if (json)
            Console.WriteLine(JsonSerializer.Serialize(rows));
        else if (rows.Length == 0)
            await Console.Error.WriteLineAsync(org is null ? "There are no keys." : $"There are no keys of {org}.");
        else
            CommandOutput.Table(
                ["KEY", "ORG", "NAME", "ROLES", "STATE", "LAST USED"],
                [.. rows.Select(row => (IReadOnlyList<object?>)[row.id, row.org, row.name, row.roles, row.disabled ? "disabled" : row.expires is { } end ? $"until {end:u}" : "until revoked", row.lastUsed])]);
        return 0;
    }

    private static async Task<int> ChangeAsync(ApiKeyOperations keys, string name, string done, string id, bool json, CancellationToken cancellationToken)
    {
        var written = name == "revoke" ? await keys.RevokeAsync(id, cancellationToken) : await keys.SetDisabledAsync(id, name == "disable", cancellationToken);
        if (written == StoreWrite.Unavailable)
            return await StoreDownAsync();
        if (written == StoreWrite.Refused)
            return await FailAsync($"There is no key {id}.", 1);
        Console.WriteLine(json ? JsonSerializer.Serialize(new { id, result = done }) : $"{id} {done}");
        return 0;
    }

    private static async Task<int> WithKeysAsync(string[]? files, Func<ApiKeyOperations, GatewayOptions, Task<int>> work)
    {
        if (CheckCommand.Load(files ?? []) is not { } loaded)
            return 1;
        using var live = loaded.Live;
        var options = loaded.Configuration.Options;
        if (options.Store.Kind == StoreKind.Memory)
            return await FailAsync("Keys of the Memory store live and die with the gateway's process; this command needs Gateway:Store:Kind Redis. Ask the gateway's admin API or console instead (Gateway:Management).", 1);
        await using var store = await RedisStore.ConnectAsync(options.Store, NullLogger.Instance);
        var ring = options.Encryption.ToRing();
        var audit = new Admin.CommandAudit(store, ring, TimeProvider.System);
        var exitCode = await work(new ApiKeyOperations(
            new ApiKeyRecords(store, ring), options.ApiKeys, new CurrentCatalog(options.ToCatalog()), new Revocations(store, ring, [], TimeProvider.System, NullLogger<Revocations>.Instance),
            new AuditTrail([audit], NullLogger<AuditTrail>.Instance), TimeProvider.System), options);
        await OperatorHost.HandOverAsync(audit);
        return exitCode;
    }

    private static bool TryAllowance(string? text, out ApiKeyAllowance? allowance)
    {
        allowance = null;
        if (text is null)
            return true;
        var parts = text.Split('/', 2);
        if (parts.Length != 2 || !int.TryParse(parts[0], CultureInfo.InvariantCulture, out var limit) || !TimeSpan.TryParse(parts[1], CultureInfo.InvariantCulture, out var window))
            return false;
        allowance = new(limit, window);
        return true;
    }

    private static Task<int> StoreDownAsync() => FailAsync("The store does not answer; other replicas may not have heard.", 1);

    private static Task<int> FailAsync(string why, int code)
    {
        Console.Error.WriteLine(why);
        return Task.FromResult(code);
    }
}

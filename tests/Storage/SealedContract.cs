using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using OrgGateway.Sealing;
using OrgGateway.Storage;

namespace OrgGateway.Tests.Storage;

/// <summary>Sealed records over a store; run on every store.</summary>
public abstract class SealedContract : IAsyncLifetime
{
    private static readonly SealingKey Old = new("old", "the old secret, long enough");
    private static readonly SealingKey New = new("new", "the new secret, long enough");
    private static readonly Note First = new("first", "token-4711");
    private static readonly Note Second = new("second", "token-4712");
    private readonly string _id = Convert.ToHexString(RandomNumberGenerator.GetBytes(8));
    private Sealed<Note> _notes = null!;

    protected IStore Store { get; private set; } = null!;

    private static DateTimeOffset Later => TimeProvider.System.GetUtcNow().AddMinutes(5);

    public async Task InitializeAsync()
    {
        Store = await OpenAsync();
        _notes = Notes([Old]);
    }

    public async Task DisposeAsync() => await Store.DisposeAsync();

    [Fact]
    public async Task A_record_is_created_read_replaced_and_taken()
    {
        var key = Key("acme");
        Assert.Equal(StoreStatus.Missing, (await _notes.ReadAsync(key, default)).Status);
        Assert.Equal(StoreWrite.Done, await _notes.CreateAsync(key, First, Later, default));
        Assert.Equal(StoreWrite.Refused, await _notes.CreateAsync(key, Second, Later, default));
        var read = (await _notes.ReadAsync(key, default)).Value!;
        Assert.Equal(First, read.Value);
        Assert.Equal(StoreWrite.Done, await _notes.ReplaceAsync(key, read.Version, Second, Later, default));
        Assert.Equal(StoreWrite.Refused, await _notes.ReplaceAsync(key, read.Version, First, Later, default));
        Assert.Equal(Second, (await _notes.TakeAsync(key, default)).Value!.Value);
        Assert.Equal(StoreStatus.Missing, (await _notes.TakeAsync(key, default)).Status);
        Assert.Equal(StoreWrite.Done, await _notes.PutAsync(key, First, Later, default));
    }

    [Fact]
    public async Task The_same_record_written_again_is_another_version()
    {
        var key = Key("acme");
        await _notes.PutAsync(key, First, Later, default);
        var version = (await _notes.ReadAsync(key, default)).Value!.Version;
        await _notes.PutAsync(key, First, Later, default);
        Assert.Equal(StoreWrite.Refused, await _notes.ReplaceAsync(key, version, Second, Later, default));
    }

    [Fact, Trait("Row", "K7")]
    public async Task A_value_in_the_store_is_version_key_id_nonce_ciphertext_and_tag_and_holds_nothing_plain()
    {
        var key = Key("acme");
        await _notes.PutAsync(key, First, Later, default);
        var value = (await Store.ReadAsync(key, default)).Value!;
        Assert.Equal(1, value[0]);
        Assert.Equal(SHA256.HashData("old"u8)[..8], value[1..9]);
        Assert.Equal(1 + 8 + 12 + Encoding.UTF8.GetByteCount("""{"Title":"first","Secret":"token-4711"}""") + 16, value.Length);
        Assert.DoesNotContain("4711", Encoding.Latin1.GetString(value), StringComparison.Ordinal);
        Assert.DoesNotContain("Title", Encoding.Latin1.GetString(value), StringComparison.Ordinal);
    }

    [Theory, Trait("Row", "K7"), Trait("Row", "T72")]
    [InlineData("note", "globex", "one")]
    [InlineData("note", "acme", "two")]
    [InlineData("other", "acme", "one")]
    public async Task A_value_moved_to_another_organization_record_or_kind_is_missing(string kind, string organization, string record)
    {
        var from = _notes.Key(_id, "acme", "one");
        await _notes.PutAsync(from, First, Later, default);
        var others = new Sealed<Note>(Store, new KeyRing([Old]), NoteJson.Default.Note, kind);
        var to = others.Key(_id, organization, record);
        await Store.PutAsync(to, (await Store.ReadAsync(from, default)).Value!, Later, default);

        Assert.Equal(StoreStatus.Missing, (await others.ReadAsync(to, default)).Status);
        Assert.Equal(StoreStatus.Missing, (await others.TakeAsync(to, default)).Status);
        Assert.Equal(First, (await _notes.ReadAsync(from, default)).Value!.Value);
    }

    [Fact, Trait("Row", "K9")]
    public async Task A_changed_byte_is_a_miss_and_the_record_can_be_made_anew()
    {
        var key = Key("acme");
        await _notes.PutAsync(key, First, Later, default);
        var value = (await Store.ReadAsync(key, default)).Value!;
        for (var i = 0; i < value.Length; i++)
        {
            var changed = value.ToArray();
            changed[i] ^= 0x40;
            await Store.PutAsync(key, changed, Later, default);
            Assert.Equal(StoreRead<Versioned<Note>>.Missing, await _notes.ReadAsync(key, default));
        }
        Assert.Equal(StoreWrite.Done, await _notes.PutAsync(key, Second, Later, default));
        Assert.Equal(Second, (await _notes.ReadAsync(key, default)).Value!.Value);
    }

    [Theory]
    [InlineData("")]
    [InlineData("00")]
    [InlineData("7b7d")]
    [InlineData("01000000000000000000000000000000000000000000000000000000000000000000000000000000")]
    public async Task Garbage_is_missing(string hex)
    {
        var key = Key("acme");
        await Store.PutAsync(key, Convert.FromHexString(hex), Later, default);
        Assert.Equal(StoreRead<Versioned<Note>>.Missing, await _notes.ReadAsync(key, default));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"Title\":1,\"Secret\":\"x\"}")]
    [InlineData("not JSON")]
    [InlineData("")]
    public async Task What_another_version_of_the_program_sealed_is_missing(string json)
    {
        var key = Key("acme");
        var value = new KeyRing([Old]).Seal("note", Encoding.UTF8.GetBytes(key.ToString()), Encoding.UTF8.GetBytes(json));
        await Store.PutAsync(key, value, Later, default);
        Assert.Equal(StoreRead<Versioned<Note>>.Missing, await _notes.ReadAsync(key, default));
    }

    [Fact, Trait("Row", "T83")]
    public async Task With_a_new_key_in_front_the_old_one_still_opens_and_without_it_its_values_are_missing()
    {
        var key = Key("acme");
        await _notes.PutAsync(key, First, Later, default);
        Assert.Equal(First, (await Notes([New, Old]).ReadAsync(key, default)).Value!.Value);
        Assert.Equal(First, (await Notes([Old, New]).ReadAsync(key, default)).Value!.Value);
        Assert.Equal(StoreRead<Versioned<Note>>.Missing, await Notes([New]).ReadAsync(key, default));
    }

    [Fact, Trait("Row", "K10")]
    public async Task With_a_new_key_in_front_a_record_is_rewritten_by_it_when_it_changes()
    {
        var key = Key("acme");
        await _notes.PutAsync(key, First, Later, default);
        var rotated = Notes([New, Old]);
        var read = (await rotated.ReadAsync(key, default)).Value!;
        Assert.Equal(StoreWrite.Done, await rotated.ReplaceAsync(key, read.Version, Second, Later, default));
        Assert.Equal(SHA256.HashData("new"u8)[..8], (await Store.ReadAsync(key, default)).Value![1..9]);
        Assert.Equal(Second, (await Notes([New]).ReadAsync(key, default)).Value!.Value);
    }

    protected abstract Task<IStore> OpenAsync();

    private Sealed<Note> Notes(SealingKey[] keys) => new(Store, new KeyRing(keys), NoteJson.Default.Note, "note");

    private StoreKey Key(string organization) => _notes.Key(_id, organization);
}

internal sealed record Note(string Title, string Secret);

[JsonSourceGenerationOptions(RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(Note))]
internal sealed partial class NoteJson : JsonSerializerContext;

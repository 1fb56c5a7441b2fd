using System.Text;
using OrgGateway.Storage;
using OrgGateway.Tests.Servers;

namespace OrgGateway.Tests.Storage;

public sealed class StoreKeyTests
{
    [Theory, Trait("Row", "T48")]
    [InlineData("a|b", "c", "a", "b|c")]
    [InlineData("ab", "c", "a", "bc")]
    [InlineData("abc", "", "", "abc")]
    [InlineData("a\0", "b", "a", "\0b")]
    [InlineData("a\0\0\0\u0001", "b", "a", "\0\0\0\u0001b")]
    public void Fields_that_differ_only_in_their_border_have_different_names(string a1, string a2, string b1, string b2)
    {
        Assert.NotEqual(StoreKey.Of("kind", a1, a2), StoreKey.Of("kind", b1, b2));
        Assert.Equal(StoreKey.Of("kind", a1, a2), StoreKey.Of("kind", a1, a2));
    }

    [Fact]
    public void The_number_of_fields_counts_and_so_does_the_kind()
    {
        StoreKey[] keys = [StoreKey.Of("kind"), StoreKey.Of("kind", ""), StoreKey.Of("kind", "", ""), StoreKey.Of("kind", "\0\0\0\0"), StoreKey.Of("other", "")];
        Assert.Equal(keys.Length, keys.Distinct().Count());
    }

    [Fact, Trait("Row", "T64")]
    public async Task Thousands_in_parallel_with_separators_in_their_fields_never_meet_anothers_value_or_lease()
    {
        var fields = Lists().ToList();
        Assert.InRange(fields.Count, 5_000, 100_000);
        await using var store = new MemoryStore(new FakeClock());
        var ends = new FakeClock().UtcNow.AddMinutes(5);
        await Parallel.ForEachAsync(fields, async (list, cancellationToken) =>
        {
            var (key, mine) = (StoreKey.Of("lock", list), Encoding.UTF8.GetBytes(string.Join('\u0001', list) + '\u0001' + list.Length));
            Assert.Equal(StoreWrite.Done, await store.LeaseAsync(key, Convert.ToHexString(mine), TimeSpan.FromMinutes(5), cancellationToken));
            Assert.Equal(StoreWrite.Done, await store.CreateAsync(key, mine, ends, cancellationToken));
        });
        await Parallel.ForEachAsync(fields, async (list, cancellationToken) =>
            Assert.Equal(string.Join('\u0001', list) + '\u0001' + list.Length, Encoding.UTF8.GetString((await store.ReadAsync(StoreKey.Of("lock", list), cancellationToken)).Value!)));
    }

    [Fact]
    public void A_name_is_always_of_one_length_and_of_plain_characters()
    {
        foreach (var field in (string[])["", "ada@example.com", new string('x', 100_000), "\r\n\0é*?[]"])
            Assert.Matches("^kind:[A-Za-z0-9_-]{43}$", StoreKey.Of("kind", field).ToString());
    }

    private static IEnumerable<string[]> Lists()
    {
        string[] fields = ["", "a", "b", "|", ":", "/", "\0", ",", "a|", "|a", "a|b", "a:b", ":a", "b:", "a/b", "a,b", "ab", "\0\0\0\u0001", "\0\0\0\u0001a"];
        foreach (var a in fields)
        {
            yield return [a];
            foreach (var b in fields)
            {
                yield return [a, b];
                foreach (var c in fields)
                    yield return [a, b, c];
            }
        }
    }
}

using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using OrgGateway.Storage;

namespace OrgGateway.Tests.Storage;

/// <summary>A call that blocks a pool thread on Redis starves every other request of the process while Redis is slow.</summary>
public sealed class RedisCallTests
{
    [Fact]
    public void The_gateway_makes_no_synchronous_call_to_Redis()
    {
        var called = MethodsCalled(typeof(RedisStore).Assembly, "StackExchange.Redis");
        // Calls that are known to be made: a check that saw none would prove nothing.
        Assert.Contains(called, method => method.Name == "StringGetAsync");
        Assert.Contains(called, method => method.Name == "ConnectAsync");
        Assert.Empty(called.Where(Blocks).Select(method => $"{method.DeclaringType}.{method.Name}"));
    }

    /// <summary>The rule itself: it tells the calls that wait from those that do not.</summary>
    [Theory]
    [InlineData("StackExchange.Redis.IDatabase", "StringGet", true)]
    [InlineData("StackExchange.Redis.IDatabaseAsync", "StringGetAsync", false)]
    [InlineData("StackExchange.Redis.ISubscriber", "Publish", true)]
    [InlineData("StackExchange.Redis.ConnectionMultiplexer", "Connect", true)]
    [InlineData("StackExchange.Redis.IConnectionMultiplexer", "GetDatabase", false)]
    [InlineData("StackExchange.Redis.IRedisAsync", "Wait", true)]
    public void A_synchronous_call_is_one_that_has_an_asynchronous_twin_or_waits(string type, string method, bool blocks) =>
        Assert.Equal(blocks, Blocks(typeof(StackExchange.Redis.IDatabase).Assembly.GetType(type, throwOnError: true)!.GetMethods().First(candidate => candidate.Name == method)));

    private static bool Blocks(MethodBase method) =>
        method.Name is "Wait" or "WaitAll" or "TryWait"
        || ((Type[])[method.DeclaringType!, .. method.DeclaringType!.GetInterfaces()]).SelectMany(type => type.GetMethods()).Any(other => other.Name == method.Name + "Async");

    private static List<MethodBase> MethodsCalled(Assembly from, string into)
    {
        using var file = new PEReader(File.OpenRead(from.Location));
        var reader = file.GetMetadataReader();
        return
        [
            .. reader.MemberReferences
                .Where(handle => reader.GetMemberReference(handle).Parent is { Kind: HandleKind.TypeReference } parent && Home(reader, (TypeReferenceHandle)parent) == into)
                .Select(handle => from.ManifestModule.ResolveMember(MetadataTokens.GetToken(handle)))
                .OfType<MethodBase>(),
        ];
    }

    private static string? Home(MetadataReader reader, TypeReferenceHandle type) => reader.GetTypeReference(type).ResolutionScope switch
    {
        { Kind: HandleKind.AssemblyReference } assembly => reader.GetString(reader.GetAssemblyReference((AssemblyReferenceHandle)assembly).Name),
        { Kind: HandleKind.TypeReference } outer => Home(reader, (TypeReferenceHandle)outer),
        _ => null,
    };
}

namespace OrgGateway.Tests.Standins;

/// <summary>
/// The libraries were compiled against other assemblies of these names: what they refer to must be in those in the output, or the
/// first request that comes by throws. Compares signatures as the runtime does.
/// </summary>
public sealed class StandinTests
{
    public static TheoryData<string, string, int> Pairs => new()
    {
        { "StackExchange.Redis", "Pipelines.Sockets.Unofficial", 60 },
        { "StackExchange.Redis", "System.IO.Hashing", 1 },
        { "Yarp.ReverseProxy", "System.IO.Hashing", 1 },
    };

    [Theory, MemberData(nameof(Pairs))]
    public void Every_type_and_member_that_a_library_refers_to_is_there(string from, string to, int atLeast)
    {
        var (references, defined) = (new References(from, to), new DefinedMembers(to));
        Assert.InRange(references.Members.Count, atLeast, int.MaxValue);
        string[] missing =
        [
            .. references.Types.Where(type => !defined.HasType(type)),
            .. references.Members.Where(member => !defined.HasMember(member.Type, member.Member)).Select(member => $"{member.Type} {member.Member}"),
        ];
        Assert.Empty(missing);
    }

    [Fact]
    public void Every_interface_that_a_library_calls_by_constraint_is_implemented()
    {
        var (references, defined) = (new References("StackExchange.Redis", "Pipelines.Sockets.Unofficial"), new DefinedMembers("Pipelines.Sockets.Unofficial"));
        Assert.NotEmpty(references.Constraints);
        var missing = references.Constraints.Where(call => call.Contract != "System.Object" && !defined.Implements(call.Type, call.Contract)).ToList();
        Assert.Empty(missing);
    }

    [Fact]
    public void A_member_that_is_not_there_is_noticed()
    {
        var defined = new DefinedMembers("System.IO.Hashing");
        var member = Assert.Single(new References("Yarp.ReverseProxy", "System.IO.Hashing").Members);
        Assert.True(defined.HasMember(member.Type, member.Member));
        Assert.False(defined.HasMember(member.Type, member.Member.Replace("Byte[]", "Byte", StringComparison.Ordinal)));
        Assert.False(defined.HasMember(member.Type, "instance " + member.Member));
        Assert.False(defined.HasMember(member.Type + "x", member.Member));
    }
}

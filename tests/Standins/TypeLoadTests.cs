using System.Reflection;

namespace OrgGateway.Tests.Standins;

public sealed class TypeLoadTests
{
    /// <summary>
    /// Base types, interfaces and what a library's own types override or implement of them are no member references. Loading checks them.
    /// </summary>
    [Theory]
    [InlineData("StackExchange.Redis")]
    [InlineData("Yarp.ReverseProxy")]
    public void Every_type_of_a_library_loads_over_the_assemblies_in_the_output(string library) => Assert.NotEmpty(Assembly.Load(library).GetTypes());
}

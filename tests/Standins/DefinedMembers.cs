using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace OrgGateway.Tests.Standins;

/// <summary>What an assembly in the output offers to others: its public types, their public members and interfaces.</summary>
internal sealed class DefinedMembers
{
    private readonly Dictionary<string, HashSet<string>> _members = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<string>> _interfaces = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _bases = new(StringComparer.Ordinal);

    public DefinedMembers(string assembly)
    {
        using var file = new PEReader(File.OpenRead(Path.Combine(AppContext.BaseDirectory, assembly + ".dll")));
        var reader = file.GetMetadataReader();
        foreach (var handle in reader.TypeDefinitions.Where(handle => IsVisible(reader, handle)))
            Add(reader, handle);
    }

    public bool HasType(string type) => _members.ContainsKey(type);

    /// <summary>Whether the type or one that it derives from has the member.</summary>
    public bool HasMember(string type, string member) =>
        _members.TryGetValue(type, out var members)
        && (members.Contains(member) || (_bases.TryGetValue(type, out var above) && HasMember(above, member)));

    public bool Implements(string type, string contract) => _interfaces.TryGetValue(type, out var interfaces) && interfaces.Contains(contract);

    private void Add(MetadataReader reader, TypeDefinitionHandle handle)
    {
        var text = new SignatureText();
        var type = reader.GetTypeDefinition(handle);
        var name = SignatureText.FullName(reader, handle);
        _members[name] = [];
        foreach (var method in type.GetMethods().Select(reader.GetMethodDefinition))
            if ((method.Attributes & MethodAttributes.MemberAccessMask) is MethodAttributes.Public or MethodAttributes.Family or MethodAttributes.FamORAssem)
                _members[name].Add(reader.GetString(method.Name) + ": " + SignatureText.Text(method.DecodeSignature(text, null)));
        foreach (var field in type.GetFields().Select(reader.GetFieldDefinition))
            if ((field.Attributes & FieldAttributes.FieldAccessMask) is FieldAttributes.Public or FieldAttributes.Family or FieldAttributes.FamORAssem)
                _members[name].Add(reader.GetString(field.Name) + ": " + field.DecodeSignature(text, null));
        _interfaces[name] = [.. type.GetInterfaceImplementations().Select(reader.GetInterfaceImplementation).Select(implementation => Open(Text(reader, implementation.Interface)))];
        if (!type.BaseType.IsNil)
            _bases[name] = Open(Text(reader, type.BaseType));
    }

    private static string Text(MetadataReader reader, EntityHandle type) => type.Kind switch
    {
        HandleKind.TypeDefinition => SignatureText.FullName(reader, (TypeDefinitionHandle)type),
        HandleKind.TypeReference => SignatureText.FullName(reader, (TypeReferenceHandle)type),
        _ => reader.GetTypeSpecification((TypeSpecificationHandle)type).DecodeSignature(new SignatureText(), null),
    };

    /// <summary>A type's name without what it is made of: <c>List`1&lt;String&gt;</c> is <c>List`1</c>.</summary>
    public static string Open(string type) => type.IndexOf('<', StringComparison.Ordinal) is >= 0 and var mark ? type[..mark] : type;

    private static bool IsVisible(MetadataReader reader, TypeDefinitionHandle handle)
    {
        var type = reader.GetTypeDefinition(handle);
        var access = type.Attributes & TypeAttributes.VisibilityMask;
        return access == TypeAttributes.Public
            || (access is TypeAttributes.NestedPublic or TypeAttributes.NestedFamily or TypeAttributes.NestedFamORAssem && IsVisible(reader, type.GetDeclaringType()));
    }
}

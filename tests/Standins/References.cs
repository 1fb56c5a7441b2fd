using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace OrgGateway.Tests.Standins;

/// <summary>What an assembly refers to in another: types, members, and interfaces that it calls on the other's types by constraint.</summary>
internal sealed class References
{
    private static readonly Dictionary<ushort, OpCode> OpCodesByValue = typeof(OpCodes).GetFields()
        .Select(field => (OpCode)field.GetValue(null)!)
        .ToDictionary(code => (ushort)code.Value);

    private readonly MetadataReader _reader;
    private readonly SignatureText _text = new();
    private readonly string _to;

    public References(string from, string to)
    {
        _to = to;
        using var file = new PEReader(File.OpenRead(Path.Combine(AppContext.BaseDirectory, from + ".dll")));
        _reader = file.GetMetadataReader();
        Types = [.. _reader.TypeReferences.Where(IsThere).Select(handle => SignatureText.FullName(_reader, handle))];
        Members = [.. _reader.MemberReferences.Select(_reader.GetMemberReference).Where(member => Owner(member.Parent) is not null).Select(Member)];
        Constraints = [.. _reader.MethodDefinitions.Select(_reader.GetMethodDefinition)
            .Where(method => method.RelativeVirtualAddress != 0)
            .SelectMany(method => Constrained(file.GetMethodBody(method.RelativeVirtualAddress).GetILReader()))
            .Distinct()];
    }

    public IReadOnlyList<string> Types { get; }
    public IReadOnlyList<(string Type, string Member)> Members { get; }

    /// <summary>A <c>constrained.</c> call names the interface's member only: that the type implements it stands nowhere else.</summary>
    public IReadOnlyList<(string Type, string Contract, string Member)> Constraints { get; }

    private (string, string) Member(MemberReference member) => (
        Owner(member.Parent)!,
        _reader.GetString(member.Name) + ": " + (member.GetKind() == MemberReferenceKind.Field
            ? member.DecodeFieldSignature(_text, null)
            : SignatureText.Text(member.DecodeMethodSignature(_text, null))));

    private List<(string, string, string)> Constrained(BlobReader code)
    {
        var found = new List<(string, string, string)>();
        EntityHandle constraint = default;
        while (code.RemainingBytes > 0)
        {
            ushort value = code.ReadByte();
            if (value == 0xFE)
                value = (ushort)(0xFE00 | code.ReadByte());
            var operation = OpCodesByValue[value];
            if (operation.OperandType is OperandType.InlineMethod or OperandType.InlineTok or OperandType.InlineType or OperandType.InlineField)
            {
                var token = MetadataTokens.EntityHandle(code.ReadInt32());
                if (operation == OpCodes.Constrained)
                    constraint = token;
                else if (!constraint.IsNil && operation == OpCodes.Callvirt)
                {
                    if (Owner(constraint) is { } type && Called(token) is var (contract, member))
                        found.Add((type, contract, member));
                    constraint = default;
                }
                continue;
            }
            var operand = operation.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => code.ReadInt32() * 4,
                _ => 4,
            };
            code.Offset += operand;
        }
        return found;
    }

    private (string Contract, string Member)? Called(EntityHandle method)
    {
        if (method.Kind == HandleKind.MethodSpecification)
            method = _reader.GetMethodSpecification((MethodSpecificationHandle)method).Method;
        if (method.Kind != HandleKind.MemberReference)
            return null;
        var member = _reader.GetMemberReference((MemberReferenceHandle)method);
        return (DefinedMembers.Open(Text(member.Parent)), _reader.GetString(member.Name));
    }

    /// <returns>The open name of the type when the other assembly defines it.</returns>
    private string? Owner(EntityHandle type) => type.Kind switch
    {
        HandleKind.TypeReference when IsThere((TypeReferenceHandle)type) => Text(type),
        HandleKind.TypeSpecification when Generic((TypeSpecificationHandle)type) is { IsNil: false } open && IsThere(open) => Text(open),
        _ => null,
    };

    private string Text(EntityHandle type) => type.Kind switch
    {
        HandleKind.TypeReference => SignatureText.FullName(_reader, (TypeReferenceHandle)type),
        HandleKind.TypeDefinition => SignatureText.FullName(_reader, (TypeDefinitionHandle)type),
        HandleKind.TypeSpecification => _reader.GetTypeSpecification((TypeSpecificationHandle)type).DecodeSignature(_text, null),
        _ => type.Kind.ToString(),
    };

    // ECMA-335 II.23.2.14: GENERICINST (CLASS | VALUETYPE) TypeDefOrRef ...
    private TypeReferenceHandle Generic(TypeSpecificationHandle handle)
    {
        var blob = _reader.GetBlobReader(_reader.GetTypeSpecification(handle).Signature);
        if (blob.ReadSignatureTypeCode() != SignatureTypeCode.GenericTypeInstance)
            return default;
        blob.ReadByte();
        return blob.ReadTypeHandle() is { Kind: HandleKind.TypeReference } type ? (TypeReferenceHandle)type : default;
    }

    private bool IsThere(TypeReferenceHandle handle)
    {
        var scope = _reader.GetTypeReference(handle).ResolutionScope;
        return scope.Kind == HandleKind.TypeReference
            ? IsThere((TypeReferenceHandle)scope)
            : scope.Kind == HandleKind.AssemblyReference && _reader.GetString(_reader.GetAssemblyReference((AssemblyReferenceHandle)scope).Name) == _to;
    }
}

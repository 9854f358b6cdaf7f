using System.Globalization;
using System.Management.Automation;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Meshia.PowerShell.Tests;

/// <summary>Writes down everything that a script or a program could come to rely on.</summary>
internal static class SurfaceText
{
    private static readonly Dictionary<Type, string> _keywords = new()
    {
        [typeof(bool)] = "bool",
        [typeof(double)] = "double",
        [typeof(int)] = "int",
        [typeof(long)] = "long",
        [typeof(object)] = "object",
        [typeof(string)] = "string",
        [typeof(void)] = "void",
    };

    /// <summary>A cmdlet: what it writes, how it asks, its sets and its parameters.</summary>
    public static IEnumerable<string> Of(CmdletInfo cmdlet)
    {
        var attribute = ModuleSurface.Attribute(cmdlet);
        var sets = cmdlet.ParameterSets.Select(set => set.Name).Order(StringComparer.Ordinal).ToList();
        yield return cmdlet.Name;
        if (sets.Count > 1)
            yield return $"  sets: {string.Join(", ", sets.Select(set => set == cmdlet.DefaultParameterSet ? $"{set} (default)" : set))}";
        if (attribute.SupportsShouldProcess)
            yield return $"  asks: -WhatIf, -Confirm; impact {attribute.ConfirmImpact}";
        foreach (var output in cmdlet.ImplementingType.GetCustomAttributes<OutputTypeAttribute>())
            yield return $"  writes: {string.Join(", ", output.Type.Select(type => Name(type.Type)))}{In(output.ParameterSetName)}";
        var blank = Activator.CreateInstance(cmdlet.ImplementingType);
        foreach (var parameter in ModuleSurface.Parameters(cmdlet))
            yield return $"  {Of(parameter, blank)}";
    }

    /// <summary>A public type and its public members; of a cmdlet's class only its base, since the rest is told with the cmdlet.</summary>
    public static IEnumerable<string> Of(Type type)
    {
        yield return $"{Kind(type)} {Name(type)}{Bases(type)}";
        if (type.IsEnum)
        {
            foreach (var name in Enum.GetNames(type))
                yield return $"  {name} = {Convert.ToInt64(Enum.Parse(type, name), CultureInfo.InvariantCulture)}";
        }
        else if (!type.IsDefined(typeof(CmdletAttribute)))
        {
            foreach (var member in type.GetMembers(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)
                .Where(IsVisible)
                .Select(Of)
                .Order(StringComparer.Ordinal))
                yield return $"  {member}";
        }
    }

    private static string Of(ParameterMetadata parameter, object? blank)
    {
        var text = $"-{parameter.Name} <{Name(parameter.ParameterType)}>";
        if (parameter.Aliases.Count > 0)
            text += $" alias {string.Join(", ", parameter.Aliases.Order(StringComparer.Ordinal))}";
        if (blank?.GetType().GetProperty(parameter.Name)?.GetValue(blank) is { } value and not SwitchParameter and not Array and not "")
            text += string.Create(CultureInfo.InvariantCulture, $" = {value}");
        var traits = parameter.Attributes.Select(Trait).OfType<string>().Order(StringComparer.Ordinal).ToList();
        if (traits.Count > 0)
            text += $" [{string.Join(", ", traits)}]";
        return text + string.Concat(ModuleSurface.Declarations(parameter).OrderBy(declaration => declaration.ParameterSetName, StringComparer.Ordinal).Select(Of));
    }

    private static string Of(ParameterAttribute declaration)
    {
        List<string> words = [];
        if (declaration.Mandatory)
            words.Add("mandatory");
        if (declaration.Position >= 0)
            words.Add($"position {declaration.Position}");
        if (declaration.ValueFromPipeline)
            words.Add("pipeline");
        if (declaration.ValueFromPipelineByPropertyName)
            words.Add("property name");
        if (declaration.ValueFromRemainingArguments)
            words.Add("the rest");
        return $"; {string.Join(", ", words.DefaultIfEmpty("optional"))}{In([declaration.ParameterSetName])}";
    }

    private static string? Trait(Attribute attribute) => attribute switch
    {
        ParameterAttribute or AliasAttribute or NullableAttribute => null,
        ValidateSetAttribute set => $"one of {string.Join("|", set.ValidValues)}",
        ValidateRangeAttribute range => $"{range.MinRange} to {range.MaxRange}",
        ArgumentCompleterAttribute completer => completer.Type.Name,
        SupportsWildcardsAttribute => "wildcards",
        _ when attribute.GetType().Namespace?.StartsWith("System.Runtime", StringComparison.Ordinal) == true => null,
        _ => attribute.GetType().Name.Replace("Attribute", "", StringComparison.Ordinal),
    };

    private static string In(string[] sets) => sets is [ParameterAttribute.AllParameterSets] ? "" : $" in {string.Join(", ", sets)}";

    private static string Kind(Type type) => type switch
    {
        { IsEnum: true } => "enum",
        { IsInterface: true } => "interface",
        { IsValueType: true } => "struct",
        { IsAbstract: true, IsSealed: true } => "static class",
        { IsAbstract: true } => "abstract class",
        { IsSealed: true } => "class",
        _ => "open class",
    };

    private static string Bases(Type type)
    {
        if (type.IsEnum || type.IsValueType)
            return "";
        var inherited = type.BaseType?.GetInterfaces() ?? [];
        var bases = type.GetInterfaces().Except(inherited).Select(Name).Order(StringComparer.Ordinal);
        var all = type.BaseType is null || type.BaseType == typeof(object) ? bases : bases.Prepend(Name(type.BaseType));
        return string.Join(", ", all) is { Length: > 0 } text ? $" : {text}" : "";
    }

    private static bool IsVisible(MemberInfo member) => member switch
    {
        ConstructorInfo constructor => IsVisible(constructor),
        MethodInfo method when method.IsSpecialName || method.Name.StartsWith('<') => false,
        MethodInfo method => IsVisible(method),
        PropertyInfo property => property.GetAccessors(nonPublic: true).Any(IsVisible),
        FieldInfo field => field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly,
        EventInfo => true,
        Type => false,
        _ => false,
    };

    private static bool IsVisible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static string Of(MemberInfo member) => member switch
    {
        ConstructorInfo constructor => $"new({Parameters(constructor)})",
        MethodInfo method => $"{Access(method)}{Name(method.ReturnType)} {method.Name}({Parameters(method)})",
        PropertyInfo property => Of(property),
        FieldInfo { IsLiteral: true } field => $"const {Name(field.FieldType)} {field.Name} = {field.GetRawConstantValue()}",
        FieldInfo field => $"{Name(field.FieldType)} {field.Name}",
        _ => $"event {member.Name}",
    };

    private static string Of(PropertyInfo property)
    {
        var accessors = property.GetAccessors(nonPublic: true).Where(IsVisible).ToList();
        var nullable = property.PropertyType.IsClass || property.PropertyType.IsInterface
            ? new NullabilityInfoContext().Create(property).ReadState == NullabilityState.Nullable ? "?" : ""
            : "";
        var required = property.IsDefined(typeof(RequiredMemberAttribute)) || property.GetCustomAttributesData().Any(data => data.AttributeType.Name == nameof(RequiredMemberAttribute)) ? "required " : "";
        var set = accessors.Find(accessor => accessor.ReturnType == typeof(void)) is not { } setter
            ? ""
            : setter.ReturnParameter.GetRequiredCustomModifiers().Any(modifier => modifier.Name == nameof(IsExternalInit)) ? " init;" : " set;";
        return $"{Access(accessors[0])}{required}{Name(property.PropertyType)}{nullable} {property.Name} {{ get;{set} }}";
    }

    private static string Access(MethodBase method) => (method.IsPublic ? "" : "protected ") + (method.IsStatic ? "static " : "");

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(parameter =>
        $"{Name(parameter.ParameterType)} {parameter.Name}{(parameter.HasDefaultValue ? $" = {parameter.DefaultValue ?? "default"}" : "")}"));

    private static string Name(Type type)
    {
        if (_keywords.TryGetValue(type, out var keyword))
            return keyword;
        if (type.IsArray)
            return $"{Name(type.GetElementType()!)}[]";
        if (Nullable.GetUnderlyingType(type) is { } inner)
            return $"{Name(inner)}?";
        var name = type.Namespace is "Meshia" or "Meshia.PowerShell" && !type.IsGenericType ? type.FullName! : type.Name;
        return type.IsGenericType
            ? $"{name.Split('`')[0]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>"
            : name;
    }
}

using System.Management.Automation;
using System.Reflection;

namespace Meshia.PowerShell.Tests;

/// <summary>The cmdlets of both built modules, as the engine knows them.</summary>
internal static class ModuleSurface
{
    private static readonly Lazy<IReadOnlyList<CmdletInfo>> _cmdlets = new(Read);

    /// <summary>All of them, by name.</summary>
    public static IReadOnlyList<CmdletInfo> Cmdlets => _cmdlets.Value;

    /// <summary>Their names, for a theory.</summary>
    public static TheoryData<string> Names => [.. Cmdlets.Select(cmdlet => cmdlet.Name)];

    /// <summary>Those that ask before they change something.</summary>
    public static IEnumerable<CmdletInfo> Asking => Cmdlets.Where(cmdlet => Attribute(cmdlet).SupportsShouldProcess);

    /// <summary>The assemblies of the modules themselves.</summary>
    public static IReadOnlyList<Assembly> Assemblies => [Cmdlet("Get-MeshiaSession").ImplementingType.Assembly, Own("Meshia.Client"), Cmdlet("Start-MeshiaSandbox").ImplementingType.Assembly];

    /// <summary>The cmdlets of one of the modules.</summary>
    public static IEnumerable<CmdletInfo> Of(string module) => Cmdlets.Where(cmdlet => cmdlet.ModuleName == module);

    public static CmdletInfo Cmdlet(string name) => Cmdlets.Single(cmdlet => cmdlet.Name == name);

    public static CmdletAttribute Attribute(CmdletInfo cmdlet) => cmdlet.ImplementingType.GetCustomAttribute<CmdletAttribute>()!;

    /// <summary>The parameters that the module declares itself, by name.</summary>
    public static IEnumerable<ParameterMetadata> Parameters(CmdletInfo cmdlet) => cmdlet.Parameters.Values
        .Where(parameter => !CommonNames.Contains(parameter.Name))
        .OrderBy(parameter => parameter.Name, StringComparer.Ordinal);

    /// <summary>How the module declares a parameter in each of its sets.</summary>
    public static IEnumerable<ParameterAttribute> Declarations(ParameterMetadata parameter) => parameter.Attributes.OfType<ParameterAttribute>();

    private static HashSet<string> CommonNames { get; } = [.. System.Management.Automation.Cmdlet.CommonParameters, .. System.Management.Automation.Cmdlet.OptionalCommonParameters];

    private static IReadOnlyList<CmdletInfo> Read()
    {
        using var session = new ModuleSession();
        return [.. session.Output("Get-Command -Module Meshia, Meshia.Sandbox").Select(item => (CmdletInfo)item.BaseObject).OrderBy(cmdlet => cmdlet.Name, StringComparer.Ordinal)];
    }

    /// <summary>Only the one that the cmdlets work with: the other half of the module may be loaded as well, by another test.</summary>
    private static Assembly Own(string name)
    {
        var folder = Path.GetDirectoryName(Cmdlet("Get-MeshiaSession").ImplementingType.Assembly.Location)!;
        return AppDomain.CurrentDomain.GetAssemblies().Single(assembly => assembly.GetName().Name == name && assembly.Location.StartsWith(folder, StringComparison.Ordinal));
    }
}

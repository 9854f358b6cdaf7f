using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Meshia.PowerShell;

/// <summary>
/// Finds the assemblies that the module brings along, which lie in a folder of their own so that nobody else finds them.
/// On PowerShell 7 they are loaded into a context of their own, and Meshia.Client with them: what it refers to is looked
/// for there first, so a session that holds another version of one keeps it, newer or older, and so do we.
/// </summary>
public sealed class ModuleAssembly : IModuleAssemblyInitializer, IModuleAssemblyCleanup
{
    private const string DependencyFolder = "dependencies";

    private static readonly Assembly _module = typeof(ModuleAssembly).Assembly;
    private static readonly string _dependencies = Path.Combine(Path.GetDirectoryName(_module.Location)!, DependencyFolder);
    private static int _isRegistered;

    /// <summary>Called by PowerShell at import. No third-party assembly is loaded yet.</summary>
    public void OnImport()
    {
        if (Interlocked.Exchange(ref _isRegistered, 1) != 0)
            return;
        AppDomain.CurrentDomain.AssemblyResolve += Resolve;
        NameTypes();
    }

    /// <summary>Called by PowerShell at removal. The handler stays: what is loaded stays too, and may still need it.</summary>
    /// <param name="psModuleInfo">The module.</param>
    public void OnRemove(PSModuleInfo psModuleInfo) => SandboxProcess.StopAllOf(Runspace.DefaultRunspace);

    /// <summary>Answers requests of our own assemblies only, never anybody else's by simple name.</summary>
    private static Assembly? Resolve(object? sender, ResolveEventArgs request)
    {
        if (request.RequestingAssembly is not { } asking || !IsOurs(asking))
            return null;
        var path = Path.Combine(_dependencies, new AssemblyName(request.Name).Name + ".dll");
        return File.Exists(path) ? Load(path) : null;
    }

#if NET
    private static readonly DependencyContext _context = new();

    private static bool IsOurs(Assembly asking) => asking == _module;

    private static Assembly Load(string path) => _context.LoadFromAssemblyPath(path);

    /// <summary>
    /// Lets a script write <c>[Meshia.Session]</c>: PowerShell looks for type names in the default context only, and for
    /// others among its accelerators (about_Classes, "Exporting classes with type accelerators").
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void NameTypes()
    {
        var add = typeof(PSObject).Assembly.GetType("System.Management.Automation.TypeAccelerators")?.GetMethod("Add", [typeof(string), typeof(Type)]);
        foreach (var type in typeof(MeshiaClient).Assembly.GetExportedTypes())
            add?.Invoke(null, [type.FullName!, type]);
    }

    private sealed class DependencyContext() : System.Runtime.Loader.AssemblyLoadContext("Meshia")
    {
        protected override Assembly? Load(AssemblyName assemblyName)
        {
            var path = Path.Combine(_dependencies, assemblyName.Name + ".dll");
            return File.Exists(path) ? LoadFromAssemblyPath(path) : null;
        }
    }
#else
    private static bool IsOurs(Assembly asking) =>
        Path.GetDirectoryName(asking.Location) == Path.GetDirectoryName(_module.Location) || asking.Location.StartsWith(_dependencies, StringComparison.OrdinalIgnoreCase);

    // LoadFile keeps an assembly apart from any other of the same name, and gives the same one again for the same path.
    private static Assembly Load(string path) => Assembly.LoadFile(path);

    /// <summary>Loads Meshia.Client, so that a script can write <c>[Meshia.Session]</c>: PowerShell looks in what is loaded.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void NameTypes() => _ = typeof(MeshiaClient).Assembly;
#endif
}

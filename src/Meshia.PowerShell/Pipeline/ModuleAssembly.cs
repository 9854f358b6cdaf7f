using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Reflection;

namespace Meshia.PowerShell;

/// <summary>
/// Finds the third-party assemblies, which lie in a folder of their own so that nobody else finds them. On PowerShell 7
/// they are loaded into a context of their own, so a session that holds another version of one keeps it, and so do we.
/// </summary>
public sealed class ModuleAssembly : IModuleAssemblyInitializer, IModuleAssemblyCleanup
{
    private const string DependencyFolder = "dependencies";

    private static readonly Assembly _module = typeof(ModuleAssembly).Assembly;
    private static readonly string _dependencies = Path.Combine(Path.GetDirectoryName(_module.Location)!, DependencyFolder);
    private static int _isRegistered;

    /// <summary>Called by PowerShell at import. It loads nothing yet.</summary>
    public void OnImport()
    {
        if (Interlocked.Exchange(ref _isRegistered, 1) == 0)
            AppDomain.CurrentDomain.AssemblyResolve += Resolve;
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
    private static readonly System.Runtime.Loader.AssemblyLoadContext _context = new("Meshia");

    private static bool IsOurs(Assembly asking) =>
        asking == _module || asking == typeof(MeshiaClient).Assembly || System.Runtime.Loader.AssemblyLoadContext.GetLoadContext(asking) == _context;

    private static Assembly Load(string path) => _context.LoadFromAssemblyPath(path);
#else
    private static bool IsOurs(Assembly asking) =>
        asking == _module || asking == typeof(MeshiaClient).Assembly || asking.Location.StartsWith(_dependencies, StringComparison.OrdinalIgnoreCase);

    // LoadFile keeps an assembly apart from any other of the same name, and gives the same one again for the same path.
    private static Assembly Load(string path) => Assembly.LoadFile(path);
#endif
}

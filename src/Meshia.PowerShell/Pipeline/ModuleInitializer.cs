using System.Collections.Concurrent;
using System.Management.Automation;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Meshia.PowerShell;

/// <summary>
/// Finds the assemblies that the module brings along, Meshia.Client among them, which lie in a folder of their own so that
/// nobody else finds them, nor the runtime by itself: it would give us what another module has loaded by the same name. On
/// PowerShell 7 they are loaded into a context of their own. Windows PowerShell has none; there each is loaded as a file
/// apart from all others, and asks here for what it refers to.
/// </summary>
public sealed class ModuleInitializer : IModuleAssemblyInitializer
{
    private const string DependencyFolder = "dependencies";

    private static readonly Assembly _module = typeof(ModuleInitializer).Assembly;
    private static readonly string _dependencies = Path.Combine(Path.GetDirectoryName(_module.Location)!, DependencyFolder);
#if NET
    // The folder for one system has only what is compiled ahead of time.
    private static readonly string[] _folders = [_dependencies, Path.GetFullPath(Path.Combine(_dependencies, "..", "..", "net8.0", DependencyFolder))];
#else
    private static readonly string[] _folders = [_dependencies];
#endif
    private static readonly ConcurrentDictionary<string, Assembly> _loaded = new(StringComparer.OrdinalIgnoreCase);
    private static int _isRegistered;

    /// <summary>Called by PowerShell at import. No third-party assembly is loaded yet.</summary>
    public void OnImport()
    {
        if (Interlocked.Exchange(ref _isRegistered, 1) != 0)
            return;
        AppDomain.CurrentDomain.AssemblyResolve += Resolve;
        NameTypes();
    }

    /// <summary>
    /// Loads all that the module brings along. Called before the first connection is used: when an update replaces the
    /// module's folder while a session runs, what stops that session must not be missing.
    /// </summary>
    internal static void LoadAll()
    {
        foreach (var folder in _folders)
        {
            if (!Directory.Exists(folder))
                continue;
            foreach (var path in Directory.EnumerateFiles(folder, "*.dll"))
                _ = Find(Path.GetFileNameWithoutExtension(path));
        }
    }

    /// <summary>Answers requests of our own assemblies only, never others by their simple name.</summary>
    private static Assembly? Resolve(object? sender, ResolveEventArgs request)
    {
        var name = new AssemblyName(request.Name).Name!;
        // Windows PowerShell does not find by itself what another module has loaded from its own folder.
        if (IsSandboxModule(request.RequestingAssembly) && name == _module.GetName().Name)
            return _module;
        return IsOurs(request) || IsSandboxModule(request.RequestingAssembly) ? Find(name) : null;
    }

    /// <summary>The module Meshia.Sandbox builds on this one, and uses what it has loaded.</summary>
    private static bool IsSandboxModule(Assembly? assembly) => assembly?.GetName().Name == "Meshia.Sandbox.PowerShell";

    /// <summary>An assembly of the module's folder. One that is loaded is not looked for on the disk again: it may be gone, or another version.</summary>
    private static Assembly? Find(string name)
    {
        if (_loaded.TryGetValue(name, out var known))
            return known;
        foreach (var folder in _folders)
        {
            var path = Path.Combine(folder, name + ".dll");
            if (File.Exists(path))
                return _loaded.GetOrAdd(name, Load(path));
        }

        return null;
    }

    /// <summary>
    /// Lets a script write <c>[Meshia.Session]</c>: PowerShell 7 looks for type names in the default context only, and for
    /// others among its accelerators (about_Classes, "Exporting classes with type accelerators").
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void NameTypes()
    {
        var add = typeof(PSObject).Assembly.GetType("System.Management.Automation.TypeAccelerators")?.GetMethod("Add", [typeof(string), typeof(Type)]);
        foreach (var type in typeof(MeshiaClient).Assembly.GetExportedTypes())
            add?.Invoke(null, [type.FullName!, type]);
    }

#if NET
    private static readonly DependencyContext _context = new();

    private static bool IsOurs(ResolveEventArgs request) => request.RequestingAssembly == _module;

    private static Assembly Load(string path) => _context.LoadFromAssemblyPath(path);

    private sealed class DependencyContext() : System.Runtime.Loader.AssemblyLoadContext("Meshia")
    {
        protected override Assembly? Load(AssemblyName assemblyName) => Find(assemblyName.Name!);
    }
#else
    // .NET Framework does not always say who asks, as for a type that is named by a text; nobody else has ours.
    // A dynamic assembly, as of a class in a script, has no location and throws where it is asked for one.
    private static bool IsOurs(ResolveEventArgs request) =>
        request.RequestingAssembly == _module
        || (request.RequestingAssembly is { IsDynamic: false } other && other.Location.StartsWith(_dependencies, StringComparison.OrdinalIgnoreCase))
        || request.Name.StartsWith("Meshia.", StringComparison.Ordinal);

    // It gives the same one again for the same path.
    private static Assembly Load(string path) => Assembly.LoadFile(path);
#endif
}

using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Reflection;
using System.Runtime.Loader;
using Microsoft.PowerShell;

// Copied to dotnet.exe it does what the sandbox needs of `dotnet`: <library> <arguments>. Otherwise: <script> <arguments>.
return Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? RunLibrary(args[0], args[1..]) : RunScript(args[0], args[1..]);

static int RunLibrary(string path, string[] arguments)
{
    var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
    AssemblyLoadContext.Default.Resolving += (context, name) =>
        Path.Combine(folder, name.Name + ".dll") is var library && File.Exists(library) ? context.LoadFromAssemblyPath(library) : null;
    AssemblyLoadContext.Default.ResolvingUnmanagedDll += (_, name) =>
        Path.Combine(folder, "runtimes", "win-x64", "native", name + ".dll") is var library && File.Exists(library)
            ? System.Runtime.InteropServices.NativeLibrary.Load(library)
            : 0;
    var result = Assembly.LoadFrom(Path.GetFullPath(path)).EntryPoint!.Invoke(null, [arguments]);
    return result is int code ? code : 0;
}

static int RunScript(string path, string[] arguments)
{
    var state = InitialSessionState.CreateDefault();
    state.ExecutionPolicy = ExecutionPolicy.Bypass;
    using var runspace = RunspaceFactory.CreateRunspace(state);
    runspace.Open();
    using var shell = PowerShell.Create(runspace);
    // Named arguments, as on a command line: a name in one argument, its value in the next.
    shell.AddCommand(path);
    for (var i = 0; i + 1 < arguments.Length; i += 2)
        shell.AddParameter(arguments[i].TrimStart('-'), arguments[i + 1]);
    shell.AddCommand("Out-String").AddParameter("Stream").AddParameter("Width", 160);
    Show(shell.Streams.Error, error => $"ERROR: {error} {error.ScriptStackTrace}");
    Show(shell.Streams.Warning, warning => $"WARNING: {warning}");
    Show(shell.Streams.Information, information => $"{information}");
    using var output = new PSDataCollection<PSObject>();
    Show(output, line => $"{line}");
    try
    {
        shell.Invoke(null, output);
        return shell.HadErrors ? 1 : 0;
    }
    catch (RuntimeException failure)
    {
        Console.WriteLine($"ERROR: {failure.Message}\n{failure.ErrorRecord.ScriptStackTrace}");
        return 1;
    }
}

static void Show<T>(PSDataCollection<T> stream, Func<T, string> text) =>
    stream.DataAdded += (_, added) =>
    {
        lock (Console.Out)
            Console.WriteLine(text(stream[added.Index]));
    };

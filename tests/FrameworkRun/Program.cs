using System.Management.Automation;
using System.Reflection;
using Meshia.Tests;

// <half of the module> <address> <key> <folder>: imports the half as Windows PowerShell does, and works with it.
var half = args[0];
var module = Assembly.LoadFrom(Path.Combine(half, "Meshia.PowerShell.dll"));
_ = module.ExportedTypes.ToList();
((IModuleAssemblyInitializer)Activator.CreateInstance(module.GetType("Meshia.PowerShell.ModuleInitializer"))).OnImport();

// What follows is written against the client, and is given the one that the module has.
AppDomain.CurrentDomain.AssemblyResolve += (_, request) =>
{
    var path = Path.Combine(half, "dependencies", new AssemblyName(request.Name).Name + ".dll");
    return request.RequestingAssembly == typeof(SessionLife).Assembly && File.Exists(path) ? Assembly.LoadFile(path) : null;
};
await SessionLife.RunAsync(new Uri(args[1]), args[2], args[3]);
await Conduct.RunAsync(module, Directory.CreateDirectory(Path.Combine(args[3], "conduct")).FullName);

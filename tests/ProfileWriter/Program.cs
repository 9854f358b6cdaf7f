using Meshia;

// Saves one profile when it is told to: a process that starts fast enough for a test to have fifty at once.
var (name, ready, go) = (args[0], args[1], args[2]);
File.WriteAllText(ready, "");
while (!File.Exists(go))
    Thread.Sleep(20);
ConnectionProfileFile.Save(new() { Name = name, BaseUri = MeshiaClientOptions.DefaultBaseUri, Vault = "Store", SecretName = $"Meshia-{name}" });

# A connection that is reset before it is accepted is an error of accept on Windows only.
Describe 'The receiver on Windows' -Skip:($PSEdition -eq 'Core' -and -not $IsWindows) {
    BeforeAll { . $PSScriptRoot/Setup.ps1 }

    It 'receives an event after connections that were reset' {
        $port = Get-FreePort
        $secret = 'key-of-the-windows-test'
        $sender = Start-Runspace {
            param($State, $Port, $Secret)
            while ($State.Count -lt 12 -and -not $State.Stop) {
                $client = [System.Net.Sockets.TcpClient]::new()
                try {
                    $client.Connect('127.0.0.1', $Port)
                    # Closed so, a connection is reset.
                    $client.LingerState = [System.Net.Sockets.LingerOption]::new($true, 0)
                    $State.Count++
                }
                catch { [System.Threading.Thread]::Sleep(20) }
                $client.Dispose()
            }
            if ($State.Stop) { return }
            Send-MeshiaWebhook "http://127.0.0.1:$Port/hook" session.stopped -Secret $Secret -ErrorAction Stop
        } $port, $secret

        try { $received = @(Receive-MeshiaWebhook "http://127.0.0.1:$port/hook" -Secret $secret -Count 1 -TimeoutSeconds 30 -ErrorAction Stop) }
        finally { $sent = Stop-Runspace $sender }

        $received.EventType | Should -Be session.stopped
        $sent.StatusCode | Should -Be 200
        $sender.State.Count | Should -Be 12
    }
}
